interface Source {
  url: string;
  type: string;
}

/** What of a medium can be shown as a picture: a video's `url` is its film, and its sources have
 * its poster beside it. */
export function stillOf(url: string | null, sources: Source[]): string | null {
  const film = sources.some((source) => source.url === url && source.type.startsWith("video/"));
  if (!film) return url;
  const pictures = sources.filter((source) => source.type.startsWith("image/"));
  // Everything can show a JPEG; what can do better picks from the sources itself.
  return (pictures.find((source) => source.type === "image/jpeg") ?? pictures[0])?.url ?? null;
}
