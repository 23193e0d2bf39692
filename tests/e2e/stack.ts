// Starts what a story needs, each piece on this machine only, and ends it: server, virtual desktop, agent.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type BrowserContext, chromium, expect, type Page } from '@playwright/test'

const root = resolve(import.meta.dirname, '../..')
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug')
const run = promisify(execFile)

export const PASSWORD = 'correct horse battery staple'
export const DEMO_PASSWORD = 'demo-demo-demo'
/** Of the browsers with windows; the shell without them that other tests use shows none. */
export const WINDOWED = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) ?? ''

/** The code that an authenticator app with this key shows now, or some steps of 30 seconds later. */
function codeOf(key: string, later = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...key].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later))
  const tag = createHmac('sha1', Buffer.from(bytes)).update(step).digest()
  const number = tag.readUInt32BE((tag.at(-1) ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** One that was not used yet, when the last one was used a moment ago: clocks may differ by a step. */
export const codeAfter = (key: string) => codeOf(key, 1)

/** Sets two-factor up on the page that owners are led to first, and goes on. Gives the key. */
export async function setUpTwoFactor(page: Page): Promise<string> {
  await page.getByRole('heading', { level: 1, name: 'Set up two-factor' }).waitFor()
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  const key = await page.getByRole('textbox', { name: 'Key, to type by hand' }).inputValue()
  await page.getByLabel('Code', { exact: true }).fill(codeOf(key))
  await page.getByRole('button', { name: 'Switch on' }).click()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  return key
}

/** Follows an invitation, or an owner's link, and is signed in. */
export async function accept(page: Page, link: string, name: string) {
  await page.goto(link)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('Password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
}

/** The owner comes in by the one-time link, sets two-factor up and creates a company. */
export async function makeCompany(owner: Page, ownerLink: string, name: string, admin: string) {
  await accept(owner, ownerLink, 'Olga Owner')
  await setUpTwoFactor(owner)
  await expect(owner).toHaveURL(/\/owner\/dashboard/)
  await owner.goto('/owner/company/create')
  await owner.getByLabel('Company name').fill(name)
  await owner.getByLabel('E-mail of the first admin').fill(admin)
  await owner.getByRole('button', { name: 'Create company' }).click()
  const key = await owner.getByRole('textbox', { name: 'Company key' }).inputValue()
  const adminLink = await owner.getByRole('textbox', { name: 'Invitation link' }).inputValue()
  expect(key).toMatch(/^company_[0-9a-f]{32}$/)
  return { key, adminLink }
}

/** An admin invites somebody; gives the link. */
export async function invite(admin: Page, email: string): Promise<string> {
  await expect(admin).toHaveURL(/\/dashboard\/admin/)
  await admin.goto('/employees')
  await admin.getByRole('button', { name: /^Invite/ }).first().click()
  await admin.getByRole('dialog').getByLabel('E-mail').fill(email)
  await admin.getByRole('button', { name: 'Make invitation' }).click()
  return admin.getByRole('textbox', { name: 'Invitation link' }).inputValue()
}

/** Who is signed in on a page and asks the API without its help. */
export class Person {
  private constructor(
    readonly page: Page,
    private readonly token: string,
  ) {}

  /** One of the demo's people, whom no page knows yet. */
  static async ofDemo(page: Page, email: string): Promise<Person> {
    const data = { email, password: DEMO_PASSWORD }
    return new Person(page, '').with('/api/auth/sign-in', data)
  }

  static async on(page: Page): Promise<Person> {
    return new Person(page, '').with('/api/auth/refresh')
  }

  private async with(path: string, data?: object) {
    const answer = await this.ask(path, { method: 'POST', data })
    return new Person(this.page, (await answer.json()).access_token)
  }

  /** Fails on what is no success. */
  async ask(path: string, init: { method?: string; data?: object; etag?: string } = {}) {
    const headers: Record<string, string> = { 'x-requested-with': 'tracker' }
    if (this.token) headers.authorization = `Bearer ${this.token}`
    if (init.etag) headers['if-match'] = init.etag
    const answer = await this.page.request.fetch(path, { method: init.method ?? 'GET', headers, data: init.data })
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
    return answer
  }

  /** As an admin: has people recorded around the clock, with these settings besides. */
  async recordAllDay(more: object = {}) {
    const settings = await this.ask('/api/settings')
    await this.ask('/api/settings', {
      method: 'PATCH',
      etag: settings.headers().etag,
      data: { tracking_days: [1, 2, 3, 4, 5, 6, 7], tracking_from: '00:00:00', tracking_to: '23:59:59', ...more },
    })
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1')
  await new Promise((done) => socket.once('listening', done))
  const { port } = socket.address() as AddressInfo
  await new Promise((done) => socket.close(done))
  return port
}

/** Everything that was started, ended in reverse by `end`. */
export class Stack {
  readonly folder: string
  private ends: (() => Promise<void>)[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(): Promise<Stack> {
    const stack = new Stack(await mkdtemp(join(tmpdir(), 'tracker-e2e-')))
    // As root the database runs as another user, who would otherwise get a home outside this folder.
    await chmod(stack.folder, 0o711)
    stack.ends.push(() => rm(stack.folder, { recursive: true, force: true }))
    return stack
  }

  async end() {
    const failed: unknown[] = []
    // What cannot be ended must not leave the rest running.
    for (const end of this.ends.reverse()) await end().catch((error) => failed.push(error))
    if (failed.length > 0) throw failed[0]
  }

  private start(command: string, args: string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.ends.push(() => stop(child))
    return child
  }

  /** The server on an empty private database, with an owner's one-time link. */
  async server(env: Record<string, string> = {}): Promise<{ url: string; ownerLink: string; log: () => string }> {
    const settings = { ...(await this.settings()), ...env }
    const made = await tracker(['owner', 'create', '--email', 'owner@vendor.test'], settings)
    const ownerLink = made.match(/https?:\/\/\S+/)?.[0] ?? ''
    return { ...(await this.serve([], settings)), ownerLink }
  }

  /** The server on a private database with the demo's companies. */
  async demo(): Promise<{ url: string; stopped: (...args: string[]) => Promise<string> }> {
    const settings = await this.settings()
    let { url, stop: end } = await this.serve(['--demo'], settings)
    /** What its operator runs on that database, which is one process's at a time: the server starts again after it. */
    const stopped = async (...args: string[]) => {
      await end()
      const said = await tracker(args, settings)
      end = (await this.serve(['--demo'], settings)).stop
      return said
    }
    return { url, stopped }
  }

  private async settings() {
    return {
      PORT: String(await freePort()),
      DATA_DIR: join(this.folder, 'data'),
      FRONTEND_DIR: join(root, 'frontend/dist'),
    }
  }

  private async serve(args: string[], settings: Record<string, string>) {
    const child = this.start(join(target, 'tracker'), ['serve', ...args], settings)
    let log = ''
    child.stderr?.on('data', (text) => {
      log += text
    })
    const url = await new Promise<string>((ready, fail) => {
      child.stdout?.on('data', (text) => {
        const address = String(text).match(/^ready (\S+)/m)?.[1]
        if (address) ready(address)
      })
      child.once('exit', () => fail(new Error(`the server ended:\n${log}`)))
    })
    return { url, log: () => log, stop: () => stop(child) }
  }

  /** A virtual desktop with one titled terminal that can be typed into. */
  async desktop(title: string): Promise<Desktop> {
    const xvfb = this.start('Xvfb', ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'])
    const display = await new Promise<string>((ready, fail) => {
      xvfb.stdout?.on('data', (text) => ready(`:${String(text).trim()}`))
      xvfb.once('exit', () => fail(new Error('Xvfb ended')))
    })
    this.start('xterm', ['-T', title, '-geometry', '100x30+20+20', '-e', 'sleep', 'infinity'], { DISPLAY: display })
    const desktop = new Desktop(display)
    await desktop.xdotool('search', '--sync', '--onlyvisible', '--name', title, 'windowfocus')
    return desktop
  }

  /** Puts one window before another, as people's desktops do; without it each keeps what focus it was given. */
  async windowManager({ display }: Desktop) {
    this.start('openbox', ['--sm-disable'], { DISPLAY: display, HOME: this.folder })
    const desktop = new Desktop(display)
    for (let tries = 0; ; tries++) {
      try {
        return await desktop.xdotool('get_desktop')
      } catch (error) {
        if (tries > 50) throw error
        await new Promise((done) => setTimeout(done, 100))
      }
    }
  }

  /** A browser with a window on that desktop. */
  async browser({ display }: Desktop, ...args: string[]): Promise<BrowserContext> {
    const window = await chromium.launchPersistentContext(join(this.folder, 'browser'), {
      executablePath: WINDOWED,
      headless: false,
      env: { ...process.env, DISPLAY: display },
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...args],
    })
    this.ends.push(() => window.close())
    return window
  }

  agent(env: Record<string, string>): Agent {
    const home = { TRACKER_AGENT_HOME: join(this.folder, 'agent'), ...env }
    return new Agent((args) => this.start(join(target, 'tracker-agent'), args, home), home)
  }

  /** The built app on an origin of its own, with the nonce rule that docs/quick-start.md describes. */
  async otherOrigin(dist: string, port: number, api: string): Promise<string> {
    const server = createServer(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname
      const file = extname(path) ? join(dist, path) : join(dist, 'index.html')
      const body = await readFile(file).catch(() => null)
      if (!body) return response.writeHead(404).end()
      const nonce = String(Math.random()).slice(2)
      const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' }
      response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': `default-src 'none'; script-src 'self'; connect-src 'self' ${api}; font-src 'self'; img-src 'self' blob: data:; style-src 'self' 'nonce-${nonce}'`,
      })
      response.end(file.endsWith('.html') ? body.toString().replaceAll('__CSP_NONCE__', nonce) : body)
    })
    await listen(server, port)
    this.ends.push(
      () =>
        new Promise((done) => {
          server.close(() => done())
          // The browser is still there, and keeps connections open that it may never use.
          server.closeAllConnections()
        }),
    )
    return `http://127.0.0.1:${port}`
  }
}

async function tracker(args: string[], settings: Record<string, string>): Promise<string> {
  const { stdout } = await run(join(target, 'tracker'), args, { env: { ...process.env, ...settings }, cwd: root })
  return stdout
}

function listen(server: Server, port: number) {
  return new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
}

/** Asks it to end, insists after 20 seconds. */
async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  const insist = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(insist)
}

export class Desktop {
  constructor(readonly display: string) {}

  async xdotool(...args: string[]): Promise<string> {
    const { stdout } = await run('xdotool', args, { env: { ...process.env, DISPLAY: this.display }, timeout: 30_000 })
    return stdout.trim()
  }
}

export class Agent {
  constructor(
    private readonly start: (args: string[]) => ChildProcess,
    private readonly env: Record<string, string>,
  ) {}

  /** Signs in, the way a person would script it: secrets by the environment. */
  async login(server: string, key: string, email: string, password: string) {
    await run(join(target, 'tracker-agent'), ['login', '--server', server, '--email', email], {
      env: { ...process.env, ...this.env, TRACKER_COMPANY_KEY: key, TRACKER_PASSWORD: password },
    })
  }

  run(...args: string[]): ChildProcess {
    return this.start(['run', ...args])
  }

  async status(): Promise<{ queued_items?: number } & Record<string, unknown>> {
    const { stdout } = await run(join(target, 'tracker-agent'), ['status', '--json'], {
      env: { ...process.env, ...this.env },
    })
    return JSON.parse(stdout)
  }
}

export { stop }
