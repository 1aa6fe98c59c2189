// workload.mjs -- what an application does with a cluster, by a client library
// that was written for Redis Cluster.
//
//     node workload.mjs LIBRARY PROTOCOL PORT      ioredis | redis, 2 | 3
//
// Says "written" when all keys are there, then waits for a line: what happens
// to a node meanwhile is the caller's doing. Goes on reading and writing until
// each key was answered for again, and says "done". Anything else is an error.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const KEYS = 300;
const RETRY_MS = 100;
const GIVE_UP_MS = 30_000;

const [library, protocol, port] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Both libraries behind the few words that the workload needs.
const libraries = {
    async ioredis() {
        const { Cluster } = await import("ioredis");
        const cluster = new Cluster([{ host: "127.0.0.1", port: Number(port) }], {
            redisOptions: { protocol: Number(protocol), connectTimeout: 2000 },
            clusterRetryStrategy: () => RETRY_MS,
        });
        cluster.on("error", () => {}); // Told by the call that it fails.
        return {
            call: (...words) => cluster.call(...words),
            // Only keys of one slot go into one pipeline.
            together: async (commands) => {
                const pipeline = cluster.pipeline();
                for (const [name, ...rest] of commands)
                    pipeline[name.toLowerCase()](...rest);
                return (await pipeline.exec()).map(([error, reply]) => {
                    if (error)
                        throw error;
                    return reply;
                });
            },
            close: () => cluster.disconnect(),
        };
    },
    async redis() {
        const { createCluster } = await import("redis");
        const cluster = createCluster({
            rootNodes: [{ url: `redis://127.0.0.1:${port}` }],
            defaults: {
                RESP: Number(protocol),
                socket: { connectTimeout: 2000, reconnectStrategy: () => RETRY_MS },
                disableOfflineQueue: true,
            },
        });
        cluster.on("error", () => {});
        cluster.on("node-error", () => {});
        await cluster.connect();
        return {
            call: (...words) =>
                cluster.sendCommand(words[1], words[0] === "GET", words),
            together: (commands) => {
                const multi = cluster.multi();
                for (const [name, ...rest] of commands)
                    multi[name[0].toLowerCase() + name.slice(1).toLowerCase()](...rest);
                return multi.exec();
            },
            close: () => cluster.destroy(),
        };
    },
};

async function writeAndRead(client) {
    for (let i = 0; i < KEYS; i++)
        assert.equal(await client.call("SET", `key:${i}`, `value ${i}`), "OK");
    for (let i = 0; i < KEYS; i++)
        assert.equal(await client.call("GET", `key:${i}`), `value ${i}`);
    const replies = await client.together([
        ["SET", "{tag}a", "1"], ["SET", "{tag}b", "2"],
        ["INCR", "{tag}a"], ["GET", "{tag}b"],
    ]);
    assert.deepEqual(replies, ["OK", "OK", 2, "2"]);
    assert.deepEqual(await client.call("MGET", "{tag}a", "{tag}b", "{tag}c"),
                     ["2", "2", null]);
    await assert.rejects(client.call("RENAME", "a", "b"), /CROSSSLOT/);
    await client.call("HSET", "hash", "field", "1", "other", "2");
    const hash = await client.call("HGETALL", "hash");
    const map = Array.isArray(hash)
        ? Object.fromEntries([[hash[0], hash[1]], [hash[2], hash[3]]])
        : { ...(hash instanceof Map ? Object.fromEntries(hash) : hash) };
    assert.deepEqual(map, { field: "1", other: "2" });
}

// While a node is away its keys fail, and those of the others do not.
async function untilAnswered(client, ...words) {
    for (const start = Date.now();; await sleep(RETRY_MS)) {
        try {
            return await client.call(...words);
        } catch (error) {
            if (Date.now() - start > GIVE_UP_MS)
                throw error;
        }
    }
}

const client = await libraries[library]();
await writeAndRead(client);
console.log("written");
await lines.next();
for (let i = 0; i < KEYS; i++)
    assert.equal(await untilAnswered(client, "GET", `key:${i}`), `value ${i}`);
for (let i = 0; i < KEYS; i++)
    assert.equal(await untilAnswered(client, "SET", `key:${i}`, "again"), "OK");
console.log("done");
await client.close();
process.exit(0);
