// graphql-yoga with graphql-ws: events come in as lines of JSON, each an array of events.
// It prints its address; `{ served }` tells how many subscriptions there have been.

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub, createSchema, createYoga } from "graphql-yoga";
import { WebSocketServer } from "ws";

// One run has a thousand subscribers here.
setMaxListeners(0);
const pubSub = createPubSub();
let subscribed = 0;

const schema = createSchema({
  typeDefs: readFileSync(process.argv[2], "utf8"),
  resolvers: {
    Query: { served: () => subscribed },
    GenerationEvent: { __resolveType: () => "StageProgress" },
    Subscription: {
      generationEvents: {
        subscribe: (_, { id }) => {
          subscribed += 1;
          return pubSub.subscribe("generation", id);
        },
        resolve: (event) => event,
      },
    },
  },
});

const yoga = createYoga({ schema, logging: false, graphqlEndpoint: "/graphql" });
const server = createServer(yoga);
const sockets = new WebSocketServer({ server, path: "/graphql" });

useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const enveloped = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      });
      const args = {
        schema: enveloped.schema,
        operationName: params.operationName,
        document: enveloped.parse(params.query),
        variableValues: params.variables,
        contextValue: await enveloped.contextFactory(),
        rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
      };
      const errors = enveloped.validate(args.schema, args.document);
      return errors.length ? errors : args;
    },
  },
  sockets,
);

createInterface({ input: process.stdin }).on("line", (line) => {
  for (const event of JSON.parse(line)) {
    pubSub.publish("generation", event.generationId, event);
  }
});

server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
