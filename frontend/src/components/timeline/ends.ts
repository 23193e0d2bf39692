// Why a session ended, in words. An agent may say more than is known here.
const ENDS: Record<string, string> = {
  stopped: 'stopped',
  paused: 'private time',
  locked: 'screen locked',
  suspended: 'computer asleep',
  shut_down: 'computer shut down',
  signed_out: 'signed out',
  task_changed: 'another task',
  superseded: 'closed by the next session',
  silent: 'closed after the agent fell silent',
}

export const ENDINGS = Object.keys(ENDS)
export const endWords = (reason: string) => ENDS[reason] ?? reason.replaceAll('_', ' ')
