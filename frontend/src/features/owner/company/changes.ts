// The few things the vendor may do to a company.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, done, ok } from '~/api/client'
import type { Input } from '~/api/types'
import { createAttempts, type IdempotencyHeader } from '~/lib/attempts'
import { at, BASE, notesKey } from './queries'

/**
 * Everything the vendor does to a company changes its row, its page and its history. Whoever tries again because no answer
 * came does it once.
 */
function useChange<I, O>(work: (input: I, header: IdempotencyHeader) => Promise<O>) {
  const cache = useQueryClient()
  const [attempts] = useState(createAttempts)
  return useMutation({
    mutationFn: (input: I) => work(input, attempts.header(input)),
    onSuccess: () => {
      attempts.succeeded()
      return cache.invalidateQueries({ queryKey: ['companies'] })
    },
  })
}

export const useCreateCompany = () =>
  useChange((body: Input<'/api/owner/companies'>) => ok(api.POST('/api/owner/companies', { body })))

export const useChangePlan = (id: string) =>
  useChange((body: Input<`${typeof BASE}/change-plan`>, header) =>
    ok(api.POST(`${BASE}/change-plan`, { params: { ...at(id), header }, body })),
  )

/** Refused with `precondition_failed` when it is not what `seen` says any more; then what is true now is asked for. */
export function useChangeOverrides(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({
      seen,
      body,
    }: {
      seen: string
      body: Input<`${typeof BASE}/overrides`, 'patch'>
    }) =>
      ok(
        api.PATCH(`${BASE}/overrides`, {
          params: { ...at(id), header: { 'If-Match': `"${seen}"` } },
          body,
        }),
      ),
    onSettled: () => cache.invalidateQueries({ queryKey: ['companies'] }),
  })
}

export const useSuspend = (id: string) =>
  useChange((body: Input<`${typeof BASE}/suspend`>, header) =>
    ok(api.POST(`${BASE}/suspend`, { params: { ...at(id), header }, body })),
  )

export const useReactivate = (id: string) =>
  useChange((body: Input<`${typeof BASE}/reactivate`>, header) =>
    ok(api.POST(`${BASE}/reactivate`, { params: { ...at(id), header }, body })),
  )

export const useExtendTrial = (id: string) =>
  useChange((body: Input<`${typeof BASE}/extend-trial`>, header) =>
    ok(api.POST(`${BASE}/extend-trial`, { params: { ...at(id), header }, body })),
  )

export const useActivate = (id: string) =>
  useChange((body: Input<`${typeof BASE}/activate`>, header) =>
    ok(api.POST(`${BASE}/activate`, { params: { ...at(id), header }, body })),
  )

export const useRenew = (id: string) =>
  useChange((body: Input<`${typeof BASE}/renew`>, header) =>
    ok(api.POST(`${BASE}/renew`, { params: { ...at(id), header }, body })),
  )

export const useCancel = (id: string) =>
  useChange((body: Input<`${typeof BASE}/cancel`>, header) =>
    ok(api.POST(`${BASE}/cancel`, { params: { ...at(id), header }, body })),
  )

export const useWithdrawChange = (id: string) =>
  useChange((body: Input<`${typeof BASE}/withdraw-planned-change`>, header) =>
    ok(api.POST(`${BASE}/withdraw-planned-change`, { params: { ...at(id), header }, body })),
  )

export const useRotateKey = (id: string) =>
  useChange((body: Input<`${typeof BASE}/rotate-key`>, header) =>
    ok(api.POST(`${BASE}/rotate-key`, { params: { ...at(id), header }, body })),
  )

export const useEndOldKey = (id: string) =>
  useChange((body: Input<`${typeof BASE}/end-old-key`>, header) =>
    ok(api.POST(`${BASE}/end-old-key`, { params: { ...at(id), header }, body })),
  )

/** A note is nothing that the company's row or history knows of. */
function useNoteChange<I, O>(id: string, work: (input: I) => Promise<O>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: work,
    onSuccess: () => cache.invalidateQueries({ queryKey: notesKey(id) }),
  })
}

export const useAddNote = (id: string) =>
  useNoteChange(id, (text: string) =>
    ok(api.POST(`${BASE}/notes`, { params: at(id), body: { text } })),
  )

export const useDeleteNote = (id: string) =>
  useNoteChange(id, (note_id: string) =>
    done(api.DELETE(`${BASE}/notes/{note_id}`, { params: { path: { company_id: id, note_id } } })),
  )

/** Not a change, so nothing is asked again; the answer is kept nowhere but in the open dialog. */
export const useRevealKey = (id: string) =>
  useMutation({
    gcTime: 0,
    mutationFn: (body: Input<`${typeof BASE}/reveal-key`>) =>
      ok(api.POST(`${BASE}/reveal-key`, { params: at(id), body })),
  })
