import { describe, expect, it } from "vitest";
import { road } from "./road";

const HERE = "https://glimpse.example";
const way = (path: string, mode: RequestMode = "cors", method = "GET") =>
  road({ method, mode, destination: path.endsWith("x") ? "image" : "" }, new URL(path, HERE), HERE);

describe("the way of a request through the service worker", () => {
  it("never touches the API, the socket, uploads, nor other origins", () => {
    for (const path of ["/api/v1/feed/home", "/ws", "/docs", "/healthz", "/oauth/token"]) {
      expect(way(path)).toBeNull();
      expect(way(path, "navigate")).toBeNull();
    }
    expect(way("/s3bucket/a.jpg?X-Amz-Signature=x")).toBeNull();
    expect(way("https://elsewhere.example/assets/a.js")).toBeNull();
    expect(way("/assets/a.js", "cors", "POST")).toBeNull();
    expect(way("/sw.js")).toBeNull();
  });

  it("knows pages, parts of a build, named files and photos", () => {
    expect(way("/", "navigate")).toBe("page");
    expect(way("/p/post_1?x=1", "navigate")).toBe("page");
    expect(way("/assets/index-abc.js")).toBe("part");
    expect(way("/theme.js", "no-cors")).toBe("still");
    expect(way("/manifest.webmanifest")).toBe("still");
    expect(way("/media/media_1/640.webp?e=1&s=x", "no-cors")).toBe("photo");
    expect(way("/media/media_1/640.webp?e=1&s=y", "no-cors")).toBeNull();
    expect(way("/media/media_1/640.webp", "navigate")).toBeNull();
  });
});
