// Menus and the like that most visits never open. Their button is there with the page; their code comes when somebody is about to.
import {
  type ComponentProps,
  type ComponentType,
  lazy,
  Suspense,
  useEffect,
  useRef,
  useState,
} from 'react'

export type TargetProps = ComponentProps<'button'>

/**
 * `Target` is the button, `load` brings the whole menu with the same button in it: the first click lets it take the
 * button's place. It opens by `useOpenOnArrival`.
 */
export function lateMenu<P extends object>(
  Target: ComponentType<P & TargetProps>,
  load: () => Promise<{ default: ComponentType<P> }>,
  kind: 'menu' | 'dialog' = 'menu',
) {
  const Whole = lazy(load)
  return function LateMenu(props: P) {
    const [wanted, setWanted] = useState(false)
    const prepare = () => void load().catch(() => null)
    const target = (
      <Target
        {...props}
        aria-haspopup={kind}
        aria-expanded={false}
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={() => setWanted(true)}
      />
    )
    if (!wanted) return target
    return (
      <Suspense fallback={target}>
        <Whole {...props} />
      </Suspense>
    )
  }
}

/** Open, with focus on the button first: that is where it returns to when the menu closes. */
export function useOpenOnArrival() {
  const target = useRef<HTMLButtonElement>(null)
  const [opened, setOpened] = useState(false)
  useEffect(() => {
    target.current?.focus()
    setOpened(true)
  }, [])
  return { target, menu: { opened, onChange: setOpened } }
}
