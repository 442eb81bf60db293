/** The sentences of what one wants to hear of; part of the catalogue in `messages.ts`. */
export const notify = {
  title: "Notifications",
  settings: "Notification settings",
  open: "Open conversation",
  push: {
    title: "On this device",
    label: "Push notifications",
    hint: "When Glimpse is closed, your device tells you.",
    offer: "Hear of it when Glimpse is closed",
    offerHint: "Push notifications on this device. Which kinds, you choose.",
    turnOn: "Turn on",
    notNow: "Not now",
    unsupported:
      "This browser can't show push notifications. They need an up-to-date one, and https.",
    install:
      "On iPhone and iPad: add Glimpse to your home screen, open it from there and come back here.",
    absent: "This server doesn't send push notifications.",
    denied: "Notifications are blocked for this site.",
    deniedHint:
      "To allow them, open the site's settings from the icon beside the address, choose Notifications and then Allow. After that, reload this page.",
  },
  digest: {
    title: "Email digest",
    hint: "What you haven't seen, in one letter. Every letter has a link that ends them.",
    options: { off: "Off", daily: "Daily", weekly: "Weekly" },
  },
  kinds: {
    title: "What you hear of",
    hint: "Off in the app, a kind is neither pushed nor mailed.",
    columns: { in_app: "App", push: "Push", email: "Email" },
    of: (kind: string, column: string) => `${kind}: ${column}`,
    names: {
      like: "Likes",
      comment: "Comments on your posts",
      reply: "Replies to you",
      mention: "Mentions",
      tag: "Tags in photos",
      share: "Shares of your posts",
      comment_like: "Likes of your comments",
      follow: "New followers",
      follow_request: "Follow requests",
      follow_accepted: "Accepted requests",
      story_reaction: "Reactions to your stories",
      story_mention: "Mentions in stories",
      message: "Messages",
    },
  },
  muted: {
    posts: "Muted posts",
    postsHint: "You don't hear of likes, comments and mentions there.",
    noPosts: "No muted posts. You can mute one in its menu.",
    people: "Muted people",
    peopleHint: "You don't see their posts in your feed, and hear nothing of what they do.",
    noPeople: "Nobody is muted.",
    unmute: "Unmute",
    post: (name: string) => `Post by ${name}`,
  },
} as const;
