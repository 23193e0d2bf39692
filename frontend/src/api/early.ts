// Answers that boot.js asked for before this code had arrived. Each is taken up once; later calls ask themselves.

declare global {
  interface Window {
    early?: {
      session?: Promise<Response>
      /** The answer of `/api/me`, and the token that it was given for. */
      me?: Promise<{ token: string; response: Response }>
    }
  }
}

/** The answer to this visit's first refresh of the session. */
export function earlySession(): Promise<Response> | undefined {
  const session = window.early?.session
  if (window.early) delete window.early.session
  return session
}

/** The answer of `/api/me` if it was given for this very token: after another sign-in it would be somebody else's. */
export async function earlyMe(token: string): Promise<Response | undefined> {
  const me = window.early?.me
  if (window.early) delete window.early.me
  const early = await me?.catch(() => undefined)
  return early?.token === token ? early.response : undefined
}
