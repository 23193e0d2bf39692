// One's own account: password, and where one is signed in.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, done, ok, session } from '~/api/client'
import { saveFile } from '~/api/files'
import { useRefresh } from '~/api/refresh'
import type { Input, NotificationPreferencesPatch, OwnExport } from '~/api/types'
import { twoFactorQuery } from '~/components/code-field'
import { isBeingMade, LOOK_AGAIN_MS } from '~/components/made-file'
import { dayIn } from '~/lib/time'

export const signInsQuery = queryOptions({
  queryKey: ['profile', 'sign-ins'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/sign-ins', { signal })),
})

export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/me/password'>) => done(api.POST('/api/me/password', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: signInsQuery.queryKey }),
  })
}

export function useSetUpTwoFactor() {
  return useMutation({
    mutationFn: (body: Input<'/api/me/two-factor'>) => ok(api.POST('/api/me/two-factor', { body })),
  })
}

export function useConfirmTwoFactor() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (code: string) => {
      const codes = await ok(api.POST('/api/me/two-factor/confirm', { body: { code } }))
      // The token says whether two-factor is on. Should this fail, the next one does: the codes are shown once.
      await session.refresh().catch(() => null)
      return codes
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: ['profile'] }),
  })
}

export function useReplaceRecoveryCodes() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/me/two-factor/recovery-codes'>) =>
      ok(api.POST('/api/me/two-factor/recovery-codes', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: twoFactorQuery.queryKey }),
  })
}

export function useEndTwoFactor() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/me/two-factor/end'>) =>
      done(api.POST('/api/me/two-factor/end', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: twoFactorQuery.queryKey }),
  })
}

export function useEndSignIn() {
  const refresh = useRefresh(signInsQuery.queryKey)
  return useMutation({
    mutationFn: (sign_in_id: string) =>
      done(api.DELETE('/api/me/sign-ins/{sign_in_id}', { params: { path: { sign_in_id } } })),
    onSettled: refresh,
  })
}

export function useEndOtherSignIns() {
  const refresh = useRefresh(signInsQuery.queryKey)
  return useMutation({
    mutationFn: () => ok(api.DELETE('/api/me/sign-ins')),
    onSettled: refresh,
  })
}

export const preferencesQuery = queryOptions({
  queryKey: ['profile', 'notifications'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/notification-preferences', { signal })),
})

/** Refused with `precondition_failed` when they were changed elsewhere meanwhile. */
export function useChangePreferences() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ seen, body }: { seen: number; body: NotificationPreferencesPatch }) =>
      ok(
        api.PATCH('/api/me/notification-preferences', {
          params: { header: { 'If-Match': `"${seen}"` } },
          body,
        }),
      ),
    onSettled: () => cache.invalidateQueries({ queryKey: preferencesQuery.queryKey }),
  })
}

/** The newest; looks again while one of them is being made. */
export const ownExportsQuery = queryOptions({
  queryKey: ['profile', 'exports'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/exports', { params: { query: {} }, signal })),
  refetchInterval: ({ state }) => (state.data?.items.some(isBeingMade) ? LOOK_AGAIN_MS : false),
})

export function useCreateOwnExport() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/me/exports'>) => ok(api.POST('/api/me/exports', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ownExportsQuery.queryKey }),
  })
}

export function useDownloadOwnExport() {
  return useMutation({
    mutationFn: ({ id: own_export_id, created_at }: OwnExport) =>
      saveFile(
        `about-me-${dayIn('UTC', created_at)}.zip`,
        api.GET('/api/me/exports/{own_export_id}/file', {
          params: { path: { own_export_id } },
          parseAs: 'blob',
        }),
      ),
  })
}
