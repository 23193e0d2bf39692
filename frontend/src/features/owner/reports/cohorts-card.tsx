// Who stayed, by the month in which they began to pay: shaded, and always with the number as well.
import { Card, Group, NativeSelect, Text, Title } from '@mantine/core'
import { type CSSProperties, useState } from 'react'
import type { RevenueReport } from '~/api/types'
import { count, money, percent } from '~/lib/format'
import c from './cohorts-card.module.css'
import type { Shown } from './money-of'
import { formatMonth } from './months'

type CohortsCardProps = { revenue: RevenueReport; shown: Shown | undefined }

export function CohortsCard({ revenue, shown }: CohortsCardProps) {
  const [what, setWhat] = useState('companies')
  const own = what === 'mrr' ? shown?.own : undefined
  const began = revenue.cohorts.filter(({ companies }) => (companies[0] ?? 0) > 0)
  if (began.length === 0) return null
  const rows = began.map(({ month, companies }) => ({
    month,
    figures: own ? (own.cohorts.find((one) => one.month === month)?.mrr_minor ?? []) : companies,
  }))
  const title = own
    ? 'What do the companies pay that began in a month?'
    : 'Who stayed, of the companies that began to pay in a month?'
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" mb="md" gap="sm">
        <div>
          <Title order={2} size="h5">
            {title}
          </Title>
          <Text size="xs" c="dimmed" mt={2}>
            At the end of the month itself (0) and of each month after it.
          </Text>
        </div>
        {shown?.own && (
          <NativeSelect
            size="xs"
            aria-label="Cohorts by"
            value={what}
            onChange={({ currentTarget: { value } }) => setWhat(value)}
            data={[
              { value: 'companies', label: 'Companies' },
              { value: 'mrr', label: `MRR in ${shown.currency}` },
            ]}
          />
        )}
      </Group>
      <Table
        caption={title}
        rows={rows}
        show={(figure) => (own ? money(figure, own.currency) : count(figure))}
      />
    </Card>
  )
}

type TableProps = {
  caption: string
  rows: { month: string; figures: number[] }[]
  show: (figure: number) => string
}

function Table({ caption, rows, show }: TableProps) {
  const most = Math.max(...rows.map(({ figures }) => figures.length))
  const months = Array.from({ length: most }, (_, since) => since)
  return (
    <section
      className={c.scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
      tabIndex={0}
      aria-label={`${caption}, table`}
    >
      <table className={c.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Began in</th>
            {months.map((since) => (
              <th key={since} scope="col" data-align="end">
                {since}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ month, figures }) => (
            <tr key={month}>
              <th scope="row">{formatMonth(month, 'chart')}</th>
              {months.map((since) => (
                <Figure key={since} figure={figures[since]} first={figures[0] ?? 0} show={show} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const shade = (kept: number) => ({ '--kept': `${Math.round(kept * 45)}%` }) as CSSProperties

type FigureProps = { figure: number | undefined; first: number; show: (figure: number) => string }

function Figure({ figure, first, show }: FigureProps) {
  if (figure === undefined) return <td />
  const kept = first > 0 ? Math.min(1, figure / first) : 0
  return (
    <td data-align="end" className={`${c.figure} numbers`} style={shade(kept)}>
      {show(figure)}
      <span className={c.share}>{percent(figure, first) ?? '–'}</span>
    </td>
  )
}
