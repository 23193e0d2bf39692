// A file that the server writes, saved as it came.
import { download } from '~/lib/csv'
import { ok } from './client'

/** `call` asks for it with `parseAs: 'blob'`: what it is depends on the format. */
export async function saveFile(name: string, call: Parameters<typeof ok<unknown>>[0]) {
  const file = (await ok<unknown>(call)) as Blob
  download(name, file, file.type)
}
