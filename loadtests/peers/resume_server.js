// A node of Socket.IO that can resume: connection state recovery over Redis Streams.
//
//   node resume_server.js PORT REDIS_URL REMEMBERS_MS PING_MS STREAM_ENTRIES
//
// POST /push with a number sends it to everybody, whatever their node; SIGTERM says good-bye.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, url, remembersMs, pingMs, entries] = process.argv.slice(2);
const redis = createClient({ url });
redis.on("error", () => {}); // it connects again by itself
await redis.connect();

const http = createServer((request, response) => {
  if (request.method !== "POST") {
    response.end("ok");
    return;
  }
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    io.to("everybody").emit("event", Number(body));
    response.end("ok");
  });
});
const io = new Server(http, {
  transports: ["websocket"],
  serveClient: false,
  pingInterval: Number(pingMs),
  pingTimeout: 20_000,
  adapter: createAdapter(redis, { maxLen: Number(entries) }),
  connectionStateRecovery: { maxDisconnectionDuration: Number(remembersMs) },
});
io.on("connection", (socket) => {
  if (!socket.recovered) socket.join("everybody");
});
// With Redis away what it writes fails, and nobody waits for the answer: Node would end here.
process.on("unhandledRejection", () => {});
process.on("SIGTERM", () => {
  io.close();
  // What it writes down about those who were here is on its way to Redis.
  setTimeout(() => process.exit(0), 500);
});
http.listen(Number(port), "127.0.0.1");
