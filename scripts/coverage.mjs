// Line coverage of server and agent by their tests: those of the units, of the programs and of the API. A program that a
// test starts counts with what it did if it ended by itself; one that was killed says nothing. Lines of the tests
// themselves are left out, in files of their own and below the code, and so is what only makes bytes up (`fuzzing`).
// `make coverage` runs it: prints the figures and writes coverage.json into the report folder. Which lines were not
// reached is in target/coverage/lines.info, which editors read.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target')
const FOLDER = join(TARGET, 'coverage')
const LINES = join(FOLDER, 'lines.info')
const PACKAGES = ['tracker', 'tracker-agent', 'tracker-wire', 'tests']
const CRATES = ['api', 'agent']

/** The toolchain's own, where it has them; else those that `needs.sh coverage` found or installed. */
function llvm() {
  const [, major] = /^LLVM version: (\d+)/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))
  const find = (name) => spawnSync('which', [`${name}-${major}`], { encoding: 'utf8' }).stdout.trim()
  const tools = { LLVM_COV: find('llvm-cov'), LLVM_PROFDATA: find('llvm-profdata') }
  return Object.values(tools).every(Boolean) ? tools : {}
}

/** Runs all tests, also those after one that fails, and says whether all passed. */
async function measure() {
  const command = ['llvm-cov', ...PACKAGES.flatMap((name) => ['--package', name]), '--features', 'tracker/fuzzing']
  // A program that is killed while it writes leaves half a profile behind.
  command.push('--failure-mode', 'all', '--ignore-run-fail', '--lcov', '--output-path', LINES)
  const run = spawn('cargo', command, {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'pipe'],
    env: {
      RUST_TEST_THREADS: String(2 * availableParallelism()),
      ...process.env,
      ...llvm(),
      // Beside the usual build, which has no counters, and without what only debuggers and the next build read.
      CARGO_TARGET_DIR: FOLDER,
      CARGO_INCREMENTAL: '0',
      CARGO_PROFILE_DEV_DEBUG: '0',
    },
  })
  let said = ''
  run.stderr.on('data', (text) => {
    process.stderr.write(text)
    said += text
  })
  const [status] = await once(run, 'close')
  if (status !== 0) process.exit(status ?? 1)
  return !/\d+ targets? failed/.test(said)
}

/** Of the code of a file, which `record` is about: how many lines there are and how many were reached. */
function count(record, text) {
  const code = text.split(/^#\[cfg\(test\)\]\nmod tests \{$/m)[0].split('\n').length
  const lines = [...record.matchAll(/^DA:(\d+),(\d+)/gm)].filter(([, line]) => Number(line) < code)
  return { lines: lines.length, covered: lines.filter(([, , times]) => times !== '0').length }
}

function files() {
  const found = {}
  for (const record of readFileSync(LINES, 'utf8').split('end_of_record\n')) {
    const path = relative(ROOT, /^SF:(.*)$/m.exec(record)?.[1] ?? '')
    const crate = CRATES.find((crate) => path.startsWith(`${crate}/src/`))
    if (!crate || path === 'api/src/fuzzing.rs' || path.endsWith('/tests.rs')) continue
    found[path] = { crate, ...count(record, readFileSync(join(ROOT, path), 'utf8')) }
  }
  return found
}

function sum(files) {
  const add = (name) => files.reduce((all, file) => all + file[name], 0)
  const [lines, covered] = [add('lines'), add('covered')]
  return { lines, covered, percent: Math.round((1000 * covered) / lines) / 10 }
}

mkdirSync(FOLDER, { recursive: true })
const passed = await measure()
const all = files()
const of = (crate) => sum(Object.values(all).filter((file) => file.crate === crate))
const figures = { ...Object.fromEntries(CRATES.map((crate) => [crate, of(crate)])), total: sum(Object.values(all)) }
mkdirSync(join(TARGET, 'report'), { recursive: true })
const each = Object.entries(all).map(([path, file]) => [path, sum([file])])
writeFileSync(
  join(TARGET, 'report', 'coverage.json'),
  `${JSON.stringify({ ...figures, files: Object.fromEntries(each) }, null, 2)}\n`,
)
for (const [name, { lines, covered, percent }] of Object.entries(figures)) {
  console.log(`coverage: ${name.padEnd(10)} ${percent.toFixed(1).padStart(5)} % of ${lines} lines (${covered})`)
}
if (!passed) {
  console.error('coverage: a test failed, see above; what it would have reached afterwards is missing')
  process.exitCode = 1
}
