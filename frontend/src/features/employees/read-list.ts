// Addresses as people have them: pasted from a mail or a sheet with any separators, or the lines of a CSV file.

export type Person = {
  /** Where it stood, for who looks for it. */
  line: number
  email: string
  name: string
  role: string
  team: string
}

/** What a column may be called. */
const HEADS: Record<Exclude<keyof Person, 'line'>, RegExp> = {
  email: /^(e-?mail( address)?|address)$/i,
  name: /^((full )?name)$/i,
  role: /^role$/i,
  team: /^(team|department|group)$/i,
}

/** A file with a head that names an e-mail column is a table; anything else is a heap of addresses. */
export function readList(text: string): Person[] {
  const lines = records(text.replace(/^\ufeff/, ''))
  const head = lines[0]?.fields.map((field) => field.trim()) ?? []
  const at = (name: keyof typeof HEADS) => head.findIndex((title) => HEADS[name].test(title))
  if (at('email') < 0) return addresses(text)
  const field = (fields: string[], name: keyof typeof HEADS) => (fields[at(name)] ?? '').trim()
  return lines
    .slice(1)
    .filter(({ fields }) => fields.some((text) => text.trim()))
    .map(({ line, fields }) => ({
      line,
      email: field(fields, 'email'),
      name: field(fields, 'name'),
      role: field(fields, 'role'),
      team: field(fields, 'team'),
    }))
}

/** `Ada <ada@acme.test>; bob@acme.test` and the like. What is no address is kept: it is shown as wrong. */
function addresses(text: string): Person[] {
  return text.split('\n').flatMap((row, index) =>
    entriesOf(row).map(({ email, name }) => ({
      line: index + 1,
      email,
      name,
      role: '',
      team: '',
    })),
  )
}

function entriesOf(row: string): { email: string; name: string }[] {
  const named = /(?:"([^"]*)"|([^<>,;"]*?))\s*<\s*([^<>\s]+)\s*>/g
  const found: { email: string; name: string }[] = []
  const rest = row.replaceAll(named, (_, quoted, plain, email) => {
    found.push({ email, name: (quoted ?? plain ?? '').trim() })
    return ' '
  })
  for (const email of rest.split(/[\s,;|]+/)) if (email) found.push({ email, name: '' })
  return found
}

/** RFC 4180, with commas, semicolons or tabs: whichever the first line has most of. */
function records(text: string): { line: number; fields: string[] }[] {
  const first = text.split('\n', 1)[0] ?? ''
  const count = (mark: string) => first.split(mark).length
  const mark = [',', ';', '\t'].reduce((best, next) => (count(next) > count(best) ? next : best))
  const made: { line: number; fields: string[] }[] = []
  let [fields, field, quoted, line, begun]: [string[], string, boolean, number, number] = [
    [],
    '',
    false,
    1,
    1,
  ]
  const end = () => {
    made.push({ line: begun, fields: [...fields, field] })
    fields = []
    field = ''
    begun = line
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\n') line += 1
    if (quoted && character === '"' && text[at + 1] === '"') {
      field += '"'
      at += 1
    } else if (character === '"' && (quoted || !field.trim())) quoted = !quoted
    else if (!quoted && character === mark) {
      fields.push(field)
      field = ''
    } else if (!quoted && character === '\n') end()
    else if (character !== '\r') field += character
  }
  if (field || fields.length > 0) end()
  return made
}
