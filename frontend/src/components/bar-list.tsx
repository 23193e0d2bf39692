// A ranking as a table whose second column is also a bar.
import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import c from './bar-list.module.css'

export type BarItem = { key: string; name: ReactNode; value: number; text: string }

type BarListProps = { caption: string; head: [string, string]; items: BarItem[]; whole?: number }

export function BarList({ caption, head, items, whole }: BarListProps) {
  const longest = whole ?? Math.max(1, ...items.map((item) => item.value))
  return (
    <Table withRowBorders={false} verticalSpacing={6} horizontalSpacing={0} className={c.list}>
      <Table.Caption className="visually-hidden">{caption}</Table.Caption>
      <colgroup>
        <col />
        <col className={c.figure} />
      </colgroup>
      <Table.Thead className={c.head}>
        <Table.Tr>
          <Table.Th scope="col">{head[0]}</Table.Th>
          <Table.Th scope="col">{head[1]}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((item) => (
          <Table.Tr key={item.key}>
            <Table.Td className={c.cell}>
              <div className={c.name}>{item.name}</div>
              <div className={c.track}>
                <div
                  className={c.bar}
                  style={{ width: `${Math.max(1, (item.value / longest) * 100)}%` }}
                />
              </div>
            </Table.Td>
            <Table.Td ta="end" className="numbers" valign="top">
              <Text size="sm" fw={550}>
                {item.text}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
