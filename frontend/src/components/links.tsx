// Mantine's buttons and links as typed router links.
import {
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  NavLink,
  type NavLinkProps,
} from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentPropsWithRef } from 'react'

type With<P> = P & Omit<ComponentPropsWithRef<'a'>, keyof P>

export const ButtonLink = createLink((props: With<ButtonProps>) => (
  <Button component="a" {...props} />
))
export const AnchorLink = createLink((props: With<AnchorProps>) => <Anchor {...props} />)
export const NavigationLink = createLink((props: With<NavLinkProps>) => (
  <NavLink component="a" {...props} />
))
