// How an agent is set up, in one line for a terminal.

const server = () => import.meta.env.VITE_API_URL || window.location.origin

/** The person's e-mail is theirs to type: the line is the same for everybody of the company. */
export const agentSetUp = (key: string) =>
  `TRACKER_COMPANY_KEY=${key} tracker-agent login --server ${server()}`
