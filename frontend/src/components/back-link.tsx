// The way up: a small link over a page's title.
import { Text } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import type { ComponentPropsWithRef } from 'react'
import c from './back-link.module.css'

export const BackLink = createLink(({ children, ...props }: ComponentPropsWithRef<'a'>) => (
  <a {...props} className={c.link}>
    <ChevronLeft size={14} aria-hidden />
    <Text span size="sm" inherit>
      {children}
    </Text>
  </a>
))
