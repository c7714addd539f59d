#pragma once
#include <stddef.h>
#include <cblas.h>

/* LAPACK is in the same library, but Debian's package has no header for it. */

/* Solves A X = B for a symmetric positive definite A; the last argument is the length of uplo. */
void dposv_(const char *uplo, const blasint *n, const blasint *nrhs, double *a, const blasint *lda,
            double *b, const blasint *ldb, blasint *info, size_t uplo_length);
