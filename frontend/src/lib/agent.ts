// How an agent is set up, in one line for a terminal.

/** The person's e-mail is theirs to type: the line is the same for everybody of the company. */
export function agentSetUp(key: string, server: string = location.origin): string {
  return `TRACKER_COMPANY_KEY=${key} tracker-agent login --server ${server}`
}
