/** The sentences of stories as they are watched; part of the catalogue in `messages.ts`. */
export const stories = {
  title: "Stories",
  own: "Your story",
  add: "Add to your story",
  somebody: "somebody",
  picture: "Photo without a description",
  right: "right",
  wrong: "wrong",
  answers: (n: number) => (n === 1 ? "1 answer" : `${n} answers`),
  average: (n: number) => `Everybody's average: ${n}%`,
  answered: "Sent",
  writeAnswer: "Type something…",
  sendAnswer: "Send",
} as const;
