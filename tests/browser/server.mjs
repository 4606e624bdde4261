// Runs the tagswell binary for a test: a fresh folder, a free port, restarts on the same port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const kReadyMs = 60_000;

// Ours without any TAGSWELL_ variable: those configure the server.
export function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TAGSWELL_")));
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

export class Server {
  // config: of the server, TOML. token: what this class itself sends, where the config asks for one.
  static async create(binary, { config = "", token = null } = {}) {
    const server = new Server();
    server.binary = binary;
    server.headers = token ? { authorization: `Bearer ${token}` } : {};
    server.folder = mkdtempSync(join(tmpdir(), "tagswell-browser-"));
    server.configure(config);
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    await server.start();
    return server;
  }

  // From the next start on.
  configure(config) {
    writeFileSync(join(this.folder, "tagswell.toml"), config);
  }

  async start() {
    const log = openSync(join(this.folder, "server.log"), "a");
    this.process = spawn(this.binary, ["serve", "--config", join(this.folder, "tagswell.toml"), "--clock", "event",
      "--fsync", "never", "--data", join(this.folder, "data"), "--listen", `127.0.0.1:${this.port}`], { stdio: ["ignore", log, log], env: environment() });
    const deadline = Date.now() + kReadyMs;
    while (Date.now() < deadline) {
      if (this.process.exitCode !== null) throw new Error(`the server ended:\n${this.log()}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await pause(30);
    }
    throw new Error(`not ready:\n${this.log()}`);
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await gone;
  }

  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  log() {
    return readFileSync(join(this.folder, "server.log"), "utf8").slice(-3000);
  }

  // Lines of NDJSON, in batches; returns when all are counted. below: "/v1/streams/NAME" for another stream.
  async post(lines, below = "/v1") {
    for (let at = 0; at < lines.length; at += 1000) {
      const answer = await fetch(`${this.url}${below}/posts`, {
        method: "POST",
        headers: { ...this.headers, "content-type": "application/x-ndjson" },
        body: lines.slice(at, at + 1000).join("\n"),
      });
      const report = await answer.json();
      if (!answer.ok || report.rejected) throw new Error(`POST ${below}/posts: ${answer.status} ${JSON.stringify(report)}`);
    }
    while ((await this.get(`${below}/stats`)).lag_posts > 0) await pause(20);
  }

  async get(path) {
    const answer = await fetch(this.url + path, { headers: this.headers });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
