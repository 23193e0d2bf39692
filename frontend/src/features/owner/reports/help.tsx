// What the words of a report mean, in the words of docs/reports.md.
import { Card, Text } from '@mantine/core'
import c from './help.module.css'

const WORDS = {
  'At the end of a month':
    'What was in force just before the next month of UTC began; of the current month, now. Each row of a company’s subscription history is in force until its next one.',
  Paying:
    'Active, with a price above 0. Companies on trial, suspended, expired or cancelled pay nothing.',
  MRR: 'What paying companies have agreed to pay a month, at the price in their subscription. A year’s price counts as its twelfth.',
  ARR: 'Twelve times the exact MRR.',
  New: 'MRR of companies that had not paid at the end of any month before.',
  Reactivated: 'MRR of companies that did not pay at the start of the month, but once before.',
  'Expansion and contraction':
    'What companies that pay at both ends of the month pay more, or less. Who changes the currency contracts by all of it in one and expands by all of it in the other.',
  Churned: 'What companies paid at the start of the month that do not pay at its end.',
  'Revenue churn': 'Contraction and churned, of the MRR at the start of the month.',
  'Logo churn': 'Companies that stopped paying, of those that paid at the start of the month.',
  'Trial conversion':
    'By the month in which a company’s first trial began: how many came to pay at any time since.',
  Cohort:
    'The companies that were new in a month, and how many of them, or how much MRR, there was at the end of it and of each month after it.',
  Rounding:
    'Amounts are added exactly, in twelfths of the smallest unit of a currency, and cut once where a figure is shown. Figures that add up do so as shown.',
  'Several currencies':
    'They are never added, unless told in one currency at your own rates. Those of the last day hold for all months that are shown; where one is missing there is no total.',
  Companies:
    'On trial, active or suspended. Expired and cancelled ones are counted by status only.',
  Started: 'Companies whose subscription history began in the month.',
  'People at work':
    'On the busiest day of the month of each company, added up. Days and minutes are of each company’s own time zone.',
  'Last 30 days': 'As published, at most five minutes ago. Companies with none are not among them.',
} as const

export type Word = keyof typeof WORDS

export function Help({ words }: { words: readonly Word[] }) {
  return (
    <Card component="details" className={c.help}>
      <summary className={c.summary}>What the words mean</summary>
      <dl className={c.list}>
        {words.map((word) => (
          <div key={word}>
            <dt>{word}</dt>
            <Text component="dd" c="dimmed" size="sm">
              {WORDS[word]}
            </Text>
          </div>
        ))}
      </dl>
    </Card>
  )
}
