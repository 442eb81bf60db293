/** The sentences of files that are picked and sent; part of the catalogue in `messages.ts`. */

/** 75 s is 1:15. */
export const clock = (s: number) =>
  `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

const lasting = (s: number) => (s > 60 ? `${Math.round(s / 60)} minutes` : `${s} seconds`);

export const files = {
  wrongType: (name: string) =>
    `${name} is neither a photo (JPEG, PNG, WebP, AVIF, HEIC, GIF) nor a video (MP4, MOV, WebM).`,
  tooLarge: (name: string, mb: number) => `${name} is larger than ${mb} MB.`,
  tooLong: (name: string, s: number, most: number) =>
    `${name} lasts ${clock(s)}. A video here may last ${lasting(most)}: shorten it and pick it again.`,
  empty: (name: string) => `${name} is empty.`,
  preparing: "Preparing",
  waiting: "Waiting",
  uploading: (p: number) => `Uploading, ${p} %`,
  paused: (p: number) => `Waiting for the connection, ${p} % are there`,
  brokeOff: "The upload broke off. What arrived is kept: try again, and it goes on from there.",
  confirming: "Finishing",
  uploaded: "Uploaded",
  failed: "Failed",
  /** What the server does with it. */
  work: (p: number) => `Being prepared, ${p} %`,
} as const;
