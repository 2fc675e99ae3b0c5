import { defineRecord, type Ledger } from '../base/room.ts';
import { reviewSchema, type Review } from './schema.ts';

export const reviewRecord = defineRecord({
  name: 'review',
  collection: 'reviews',
  title: 'Compliance review',
  schema: reviewSchema,
  stream: 'supervision',
});

export const readReview = (ledger: Ledger, id: string): Review | null =>
  ledger.read(reviewRecord, id);

/** Deadline of an undecided review. */
export const reviewOverdue = 'compliance.review-overdue';
