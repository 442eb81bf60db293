// The TypeScript client in a Node process of its own, worked by the test beside it: a line of JSON
// in is something to do, a line out is what came of it.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { GlimpseSocket, webSockets } = await import(pathToFileURL(process.argv[2]));
const tell = (kind, what) => process.stdout.write(`${JSON.stringify([kind, what])}\n`);
let socket;
let point = null;

const acts = {
  start({ urls, tokens, from }) {
    let given = 0;
    point = from;
    socket = new GlimpseSocket({
      open: webSockets(urls),
      token: async (fresh) => tokens[Math.min(fresh ? ++given : given, tokens.length - 1)],
      client: { name: "node", version: "1", device: "dev_1" },
      point: from,
      onPoint: (to) => {
        point = to;
      },
      onEvent: ({ seq, id, type, data }) => tell("event", { seq, id, type, data }),
      onLive: ({ topic, type, data }) => tell("live", { topic, type, data }),
      onTopic: (topic, answer) => tell("topic", [topic, answer]),
      onResync: (reason) => tell("event", { resync: reason }),
      onState: ({ is, code }) => tell(is === "stopped" ? "stopped" : "state", code ?? is),
    });
    socket.connect();
  },
  call({ method, params, key }) {
    socket.call(method, params, key ? { key } : {}).then(
      (data) => tell("answer", { data }),
      (error) => tell("answer", { error: error.code }),
    );
  },
  subscribe: ({ topic }) => socket.subscribe(topic),
  cut: () => socket.lost(),
  close() {
    socket.close();
    tell("point", point);
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { act, ...what } = JSON.parse(line);
    acts[act](what);
  })
  .on("close", () => process.exit(0));
