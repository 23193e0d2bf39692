// A ranking as a table whose second column is also a bar.
import type { ReactNode } from 'react'
import c from './bar-list.module.css'

export type BarItem = { key: string; name: ReactNode; value: number; text: string }

type BarListProps = { caption: string; head: [string, string]; items: BarItem[]; whole?: number }

export function BarList({ caption, head, items, whole }: BarListProps) {
  const longest = whole ?? Math.max(1, ...items.map((item) => item.value))
  return (
    <table className={c.list}>
      <caption className="visually-hidden">{caption}</caption>
      <colgroup>
        <col />
        <col className={c.figure} />
      </colgroup>
      <thead className={c.head}>
        <tr>
          <th scope="col">{head[0]}</th>
          <th scope="col">{head[1]}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.key}>
            <td className={c.cell}>
              <div className={c.name}>{item.name}</div>
              <div className={c.track}>
                <div
                  className={c.bar}
                  style={{ width: `${Math.max(1, (item.value / longest) * 100)}%` }}
                />
              </div>
            </td>
            <td className={`${c.value} numbers`}>{item.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
