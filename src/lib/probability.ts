/** Probabilities, 0 to 1, and their logits, any number. Pure. */

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

export const logitOf = (probability: number): number => Math.log(probability / (1 - probability));
