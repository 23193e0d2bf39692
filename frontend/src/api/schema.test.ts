// @vitest-environment node
// The committed types are those of the API's document. After a change of the API: `npm run gen`.
import { readFile } from 'node:fs/promises'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { expect, test } from 'vitest'

test('schema.d.ts is what openapi.yaml says; if not, run `npm run gen`', async () => {
  const document = new URL('../../../openapi.yaml', import.meta.url)
  const wanted = COMMENT_HEADER + astToString(await openapiTS(document))
  const committed = await readFile(new URL('schema.d.ts', import.meta.url), 'utf8')
  expect(committed).toBe(wanted)
})
