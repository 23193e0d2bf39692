// Tells the agent on this machine which page is in front: scheme, host and title, and nothing else of it. Private windows are not
// seen at all: the manifest keeps this out of them. The agent decides what of it is recorded, and whether anything is.

const PORT = 5600
/** Seconds for which a page counts as in front without another word; the alarm below comes well before. */
const PULSE = 80

const BUCKET = `aw-watcher-web-${/firefox/i.test(navigator.userAgent) ? 'firefox' : 'chromium'}`

async function tell() {
  const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true })
  if (!tab?.url || tab.incognito) return
  const { origin, protocol } = new URL(tab.url)
  // Pages of the browser itself and files are no sites; that one of them is in front is said without naming it.
  const url = ['http:', 'https:'].includes(protocol) ? `${origin}/` : ''
  const { port } = await chrome.storage.local.get({ port: PORT })
  const event = { timestamp: new Date().toISOString(), duration: 0, data: { url, title: tab.title ?? '' } }
  const address = `http://127.0.0.1:${port}/api/0/buckets/${BUCKET}/heartbeat?pulsetime=${PULSE}`
  const headers = { 'content-type': 'application/json' }
  // Without an agent nobody wants to know.
  await fetch(address, { method: 'POST', headers, body: JSON.stringify(event) }).catch(() => undefined)
}

chrome.tabs.onActivated.addListener(tell)
chrome.tabs.onUpdated.addListener((_, { title, url, status }) => {
  if (title || url || status === 'complete') return tell()
})
chrome.windows.onFocusChanged.addListener(tell)
chrome.storage.onChanged.addListener(tell)
chrome.alarms.onAlarm.addListener(tell)
chrome.alarms.create('pulse', { periodInMinutes: 0.5 })
