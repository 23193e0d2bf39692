// A chart with its question as title, and the same figures as a table for whoever prefers or needs it.
import { Box, Button, Card, Group, Skeleton, Text, Title } from '@mantine/core'
import { ChartColumn, Table as TableIcon } from 'lucide-react'
import { type ReactNode, Suspense, useState } from 'react'
import c from './chart-card.module.css'

export type ChartTable = { head: string[]; rows: (string | number)[][] }

type ChartCardProps = {
  title: string
  note?: ReactNode
  controls?: ReactNode
  /** Absent while there are no data. */
  table?: ChartTable | undefined
  height?: number
  children: ReactNode
}

export function ChartCard({
  title,
  note,
  controls,
  table,
  height = 260,
  children,
}: ChartCardProps) {
  const [asTable, setAsTable] = useState(false)
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" mb="md" gap="sm">
        <div>
          <Title order={2} size="h5">
            {title}
          </Title>
          {note && (
            <Text size="xs" c="dimmed" mt={2} component="div">
              {note}
            </Text>
          )}
        </div>
        <Group gap="xs">
          {controls}
          {table && (
            <Button
              variant="default"
              size="xs"
              aria-pressed={asTable}
              leftSection={
                asTable ? (
                  <ChartColumn size={14} aria-hidden />
                ) : (
                  <TableIcon size={14} aria-hidden />
                )
              }
              onClick={() => setAsTable(!asTable)}
            >
              {asTable ? 'Show as chart' : 'Show as table'}
            </Button>
          )}
        </Group>
      </Group>
      <Box mih={height}>
        {asTable && table ? (
          <FiguresTable caption={title} table={table} height={height} />
        ) : (
          <Suspense fallback={<Skeleton h={height} />}>{children}</Suspense>
        )}
      </Box>
    </Card>
  )
}

function FiguresTable({
  caption,
  table,
  height,
}: {
  caption: string
  table: ChartTable
  height: number
}) {
  return (
    <section
      className={c.scroll}
      style={{ maxHeight: height + 80 }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
      tabIndex={0}
      aria-label={`${caption}, as a table`}
    >
      <table className={c.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {table.head.map((name, i) => (
              <th key={name} scope="col" data-align={i ? 'end' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={String(row[0])}>
              {row.map((value, i) => (
                <td
                  key={table.head[i]}
                  data-align={i ? 'end' : undefined}
                  className={i ? 'numbers' : ''}
                >
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
