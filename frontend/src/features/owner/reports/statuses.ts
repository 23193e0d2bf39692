// The states of a company with their colours, those that matter most first.
export const STATUSES = [
  { name: 'active', label: 'Active', color: 'var(--tracker-active)' },
  { name: 'trial', label: 'Trial', color: 'var(--tracker-bar)' },
  { name: 'suspended', label: 'Suspended', color: 'var(--tracker-less)' },
  { name: 'expired', label: 'Expired', color: 'violet.5' },
  { name: 'cancelled', label: 'Cancelled', color: 'gray.6' },
] as const
