// Somebody's app: what Element does, without the window. One line of JSON asks for something, one line answers.
//
// The first line signs it in: {homeserver, user, token, device, password, careful, byItself}. A careful app excludes
// devices that their owners have not signed (MSC4153); one that acts by itself joins where it is asked, and is opened
// anew when that helps. After that {do: "open" | "say" | "read" | "picture" | "reopen" | "show", ...}; the
// answer is {done: ...} or {failed: "..."}. It ends when nobody is there to ask, whatever it was waiting for.

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

// The SDK talks; only answers belong on this stream.
for (const kind of ["debug", "info", "log", "trace", "warn", "error"]) console[kind] = () => {};
const { ClientEvent, MatrixEventEvent, RoomEvent, RoomStateEvent, createClient } = await import("matrix-js-sdk");
const { OnlySignedDevicesIsolationMode } = await import("matrix-js-sdk/lib/crypto-api/index.js");

const ENCRYPTED = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
const PATIENCE = 30_000;
// A careful app that is shown words before it has heard of the device they are from calls them unreadable, and does not
// look again until it is opened anew. This is how often, in milliseconds, ours is.
const OPENED_ANEW = 500;
const SOMETHING_HAPPENED = [
    RoomEvent.Timeline,
    RoomEvent.LocalEchoUpdated,
    RoomStateEvent.Events,
    MatrixEventEvent.Decrypted,
];

let client;
let room; // the one it speaks in: where it was invited last, or that it opened
let read = 0; // so many messages were read and looked for already
const waiting = new Set();

const look = () => waiting.forEach((one) => one());

// What `check` finds, as soon as it finds something; looked for again whenever something happens.
function until(check, missing) {
    return new Promise((resolve, reject) => {
        const again = () => {
            const found = check();
            if (found === undefined) return;
            clearTimeout(timer);
            waiting.delete(again);
            resolve(found);
        };
        const timer = setTimeout(() => {
            waiting.delete(again);
            reject(new Error(missing()));
        }, PATIENCE);
        waiting.add(again);
        again();
    });
}

const messages = () => (client.getRoom(room)?.getLiveTimeline().getEvents() ?? []).filter((event) => !event.isState());

const actions = {
    // Ask somebody into a new encrypted room, and wait for them: who is not there yet could not read the first words.
    async open({ who }) {
        ({ room_id: room } = await client.createRoom({ is_direct: true, invite: [who], initial_state: [ENCRYPTED] }));
        const came = () => client.getRoom(room)?.getMember(who)?.membership === "join";
        await until(() => came() || undefined, () => "nobody came");
        return room;
    },

    async say({ words }) {
        return (await client.sendTextMessage(room, words)).event_id;
    },

    // The next text of somebody else with these words in it, after what was read before.
    async read({ words }) {
        const texts = () => messages()
            .filter((event) => event.getSender() !== client.getUserId() && event.getType() === "m.room.message")
            .map((event) => event.getContent().body);
        const find = () => {
            const at = texts().findIndex((text, number) => number >= read && text.includes(words));
            return at < 0 ? undefined : at;
        };
        const found = await until(find, () => `never read: ${words}; came: ${JSON.stringify(texts().slice(read))}`);
        read = found + 1;
        return texts()[found];
    },

    // The next picture, fetched and decrypted as an app does to show it: what it is said to be, and it.
    async picture() {
        const pictures = () => messages().filter((event) => event.getContent().msgtype === "m.image");
        const { file, info } = (await until(() => pictures()[0], () => "no picture came")).getContent();
        const url = client.mxcUrlToHttp(file.url, undefined, undefined, undefined, false, true, true);
        const answer = await fetch(url, { headers: { Authorization: `Bearer ${client.getAccessToken()}` } });
        const sealed = await answer.arrayBuffer();
        const hash = Buffer.from(await crypto.subtle.digest("SHA-256", sealed)).toString("base64");
        if (hash.replace(/=+$/, "") !== file.hashes.sha256) throw new Error("it is not what was sent");
        const key = await crypto.subtle.importKey("jwk", file.key, "AES-CTR", false, ["decrypt"]);
        const how = { name: "AES-CTR", counter: Buffer.from(file.iv, "base64"), length: 64 };
        const plain = await crypto.subtle.decrypt(how, key, sealed);
        return { info, plain: Buffer.from(plain).toString("base64"), sealed: Buffer.from(sealed).toString("base64") };
    },

    // What could not be read is tried again, as after the app was opened anew.
    async reopen() {
        const crypto = client.getCrypto();
        const locked = messages().filter((event) => event.isDecryptionFailure());
        await Promise.all(locked.map((event) => event.attemptDecryption(crypto, { isRetry: true })));
        return locked.length;
    },

    // All messages of the room, once none is on its way: how they travelled, and which shield is shown beside them.
    async show() {
        const settled = (event) =>
            event.status === null && (event.getType() !== "m.room.encrypted" || event.isDecryptionFailure());
        await until(() => messages().every(settled) || undefined, () => "something is still on its way");
        return Promise.all(messages().map(async (event) => ({
            sender: event.getSender(),
            wire: event.getWireType(),
            unreadable: event.isDecryptionFailure() ? event.decryptionFailureReason : null,
            shield: (await client.getCrypto().getEncryptionInfoForEvent(event))?.shieldColour ?? null,
        })));
    },
};

async function start({ homeserver, user, token, device, password, careful, byItself }) {
    client = createClient({ baseUrl: homeserver, userId: user, accessToken: token, deviceId: device });
    await client.initRustCrypto({ useIndexedDB: false });
    const crypto = client.getCrypto();
    if (careful) crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    client.on(RoomEvent.MyMembership, async (invited, membership) => {
        if (membership === "invite" && byItself) ({ roomId: room } = await client.joinRoom(invited.roomId));
        if (membership === "join") room ??= invited.roomId; // they came in on another device
        look();
    });
    client.on(MatrixEventEvent.Decrypted, async (event) => {
        if (!byItself || event.decryptionFailureReason !== "UNKNOWN_SENDER_DEVICE") return;
        await sleep(OPENED_ANEW);
        await event.attemptDecryption(crypto, { isRetry: true });
    });
    for (const what of SOMETHING_HAPPENED) client.on(what, look);
    const ready = new Promise((resolve) => {
        client.on(ClientEvent.Sync, (state) => state === "PREPARED" && resolve());
    });
    await client.startClient({ initialSyncLimit: 100 });
    await ready;
    // Every such app has an identity of its own, and signs its own device with it.
    const identifier = { type: "m.id.user", user };
    const authUploadDeviceSigningKeys = (ask) => ask({ type: "m.login.password", identifier, password });
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys });
    return user;
}

const asked = createInterface({ input: process.stdin });
asked.on("close", () => process.exit(0));
for await (const line of asked) {
    const wish = JSON.parse(line);
    let answer;
    try {
        answer = { done: await (client === undefined ? start(wish) : actions[wish.do](wish)) };
    } catch (failure) {
        answer = { failed: String(failure) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
