/** Who is there, and whether one shows it. */
export const presence = {
  now: "Active now",
  active: "Active",
  show: "Show when you're active",
  showHint:
    "People who can see your profile see when you're active and when you last were. If this is off, you don't see it of them either.",
} as const;
