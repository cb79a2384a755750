/*
 * ridge.c: ridge regression, and its penalty by folds over the groups.
 *
 * About the weighted means the intercept drops out. With Z the rows (x_i -
 * mean) sqrt(weight_i) and t the same of y, the weights are
 *   primal  (Z^T Z + penalty I) w = Z^T t          n_in unknowns
 *   dual    (Z Z^T + penalty I) alpha = t, w = Z^T alpha      n_rows unknowns
 * Both are one code: with A = Z or Z^T the matrix is A^T A, made once and used
 * for every penalty.
 */
#include "kanjo/ridge.h"

#include "base/error.h"
#include "base/memory.h"
#include "metrics/cholesky.h"
#include "metrics/folds.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Under this part of the largest diagonal element a penalty is rounding. */
static const double SMALLEST_PENALTY = 1e-15;

#define KJ_RIDGE_PENALTY_VALUE(penalty) penalty,
static const double PENALTIES[] = {
    KJ_RIDGE_PENALTY_LIST(KJ_RIDGE_PENALTY_VALUE)};
#undef KJ_RIDGE_PENALTY_VALUE

enum { N_PENALTIES = sizeof PENALTIES / sizeof *PENALTIES };

/* One problem and the scratch for fits to any part of its rows. */
typedef struct ridge {
  const kj_ridge_problem *problem;
  size_t *used; /* the n_used rows of weight above 0 */
  size_t n_used;
  size_t *group; /* (n_used) */
  size_t *fold;  /* (n_used) */
  kj__member *member;

  size_t *row; /* the n rows being fitted to */
  size_t n;
  bool dual;
  double *a;      /* A: Z (n, n_in), or Z^T (n_in, n) if dual */
  double *target; /* t (n) */
  double *gram;   /* A^T A (m, m), m = min(n, n_in), upper triangle */
  double *factor; /* (m, m) */
  double *mean_x; /* (n_in) */
  double mean_y;
  double *solution; /* (m) */

  double *weights; /* (n_in) what the last solve gave */
  double intercept;
} ridge;

static double weight_of(const kj_ridge_problem *problem, size_t row)
{
  return problem->weight ? problem->weight[row] : 1;
}

static kj_status check_row(const kj_ridge_problem *problem, size_t row,
                           kj_error *err)
{
  const float *x = problem->x + row * problem->n_in;
  if (!isfinite(problem->y[row]))
    return kj__fail(err, KJ_EDATA, "y[%zu] is %g; must be finite", row,
                    problem->y[row]);
  for (size_t k = 0; k < problem->n_in; k++)
    if (!isfinite(x[k]))
      return kj__fail(err, KJ_EDATA, "x[%zu][%zu] is %g; must be finite", row,
                      k, (double)x[k]);
  return KJ_OK;
}

/* Check all rows that have weight, and list them in `used`. */
static kj_status use_rows(ridge *r, kj_error *err)
{
  const kj_ridge_problem *problem = r->problem;
  for (size_t i = 0; i < problem->n_rows; i++) {
    const double weight = weight_of(problem, i);
    if (!(weight >= 0) || isinf(weight))
      return kj__fail(err, KJ_EDATA,
                      "weight[%zu] is %g; must be finite and at least 0", i,
                      weight);
    if (weight == 0)
      continue;
    const kj_status status = check_row(problem, i, err);
    if (status != KJ_OK)
      return status;
    if (problem->group)
      r->group[r->n_used] = problem->group[i];
    r->used[r->n_used++] = i;
  }
  if (r->n_used == 0)
    return kj__fail(err, KJ_EDATA, "all %zu weights are 0", problem->n_rows);
  return KJ_OK;
}

static kj_status check_problem(const kj_ridge_problem *problem,
                               const double *weights, const double *intercept,
                               kj_error *err)
{
  size_t total;
  if (!problem || !problem->x || !problem->y)
    return kj__fail(err, KJ_EARGUMENT, "the problem, its x or its y is NULL");
  if (!weights || !intercept)
    return kj__fail(err, KJ_EARGUMENT, "weights or intercept is NULL");
  if (problem->n_rows == 0)
    return kj__fail(err, KJ_EARGUMENT, "n_rows is 0; must be at least 1");
  if (problem->n_in == 0)
    return kj__fail(err, KJ_EARGUMENT, "n_in is 0; must be at least 1");
  if (!kj__size_multiply(problem->n_rows, problem->n_in, &total) ||
      total > SIZE_MAX / sizeof(double))
    return kj__fail(err, KJ_ESHAPE, "n_rows %zu times n_in %zu is too large",
                    problem->n_rows, problem->n_in);
  return KJ_OK;
}

static void ridge_clear(ridge *r)
{
  const kj_allocator *allocator = r->problem->allocator;
  void *const owned[] = {r->used,   r->group,  r->fold,     r->member,
                         r->row,    r->a,      r->gram,     r->factor,
                         r->target, r->mean_x, r->solution, r->weights};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
    kj__release(allocator, owned[i]);
}

static kj_status ridge_init(ridge *r, const kj_ridge_problem *problem,
                            kj_error *err)
{
  const size_t n = problem->n_rows;
  const size_t n_in = problem->n_in;
  const size_t m = n < n_in ? n : n_in;
  const kj_allocator *allocator = problem->allocator;
  *r = (ridge){
      .problem = problem,
      .used = kj__allocate(allocator, n, sizeof *r->used),
      .group = kj__allocate(allocator, n, sizeof *r->group),
      .fold = kj__allocate(allocator, n, sizeof *r->fold),
      .member = kj__allocate(allocator, n, sizeof *r->member),
      .row = kj__allocate(allocator, n, sizeof *r->row),
      .a = kj__allocate(allocator, n, n_in * sizeof *r->a),
      .gram = kj__allocate(allocator, m, m * sizeof *r->gram),
      .factor = kj__allocate(allocator, m, m * sizeof *r->factor),
      .target = kj__allocate(allocator, n, sizeof *r->target),
      .mean_x = kj__allocate(allocator, n_in, sizeof *r->mean_x),
      .solution = kj__allocate(allocator, m, sizeof *r->solution),
      .weights = kj__allocate(allocator, n_in, sizeof *r->weights),
  };
  if (!r->used || !r->group || !r->fold || !r->member || !r->row || !r->a ||
      !r->gram || !r->factor || !r->target || !r->mean_x || !r->solution ||
      !r->weights)
    return kj__fail_memory(err, "a ridge regression");
  return use_rows(r, err);
}

/* Weighted means about the first row, exact where a column is constant. */
static void find_means(ridge *r)
{
  const kj_ridge_problem *problem = r->problem;
  const size_t n_in = problem->n_in;
  const float *first = problem->x + r->row[0] * n_in;
  const double first_y = problem->y[r->row[0]];
  double total = 0;
  r->mean_y = 0;
  memset(r->mean_x, 0, n_in * sizeof *r->mean_x);
  for (size_t i = 0; i < r->n; i++) {
    const float *x = problem->x + r->row[i] * n_in;
    const double weight = weight_of(problem, r->row[i]);
    total += weight;
    r->mean_y += weight * (problem->y[r->row[i]] - first_y);
    for (size_t k = 0; k < n_in; k++)
      r->mean_x[k] += weight * ((double)x[k] - (double)first[k]);
  }
  r->mean_y = first_y + r->mean_y / total;
  for (size_t k = 0; k < n_in; k++)
    r->mean_x[k] = (double)first[k] + r->mean_x[k] / total;
}

/* A and t of the rows being fitted to. */
static void centre_rows(ridge *r)
{
  const kj_ridge_problem *problem = r->problem;
  const size_t n_in = problem->n_in;
  for (size_t i = 0; i < r->n; i++) {
    const float *x = problem->x + r->row[i] * n_in;
    const double root = sqrt(weight_of(problem, r->row[i]));
    r->target[i] = root * (problem->y[r->row[i]] - r->mean_y);
    for (size_t k = 0; k < n_in; k++)
      r->a[r->dual ? k * r->n + i : i * n_in + k] =
          root * ((double)x[k] - r->mean_x[k]);
  }
}

static size_t unknowns(const ridge *r)
{
  return r->dual ? r->n : r->problem->n_in;
}

/* Everything that fits to these rows have in common, whatever the penalty. */
static void prepare(ridge *r)
{
  r->dual = r->n < r->problem->n_in;
  const size_t m = unknowns(r);
  find_means(r);
  centre_rows(r);
  memset(r->gram, 0, m * m * sizeof *r->gram);
  kj__gram_add(&(kj__gram){.c = r->gram,
                           .ldc = m,
                           .a = r->a,
                           .lda = m,
                           .n_k = r->dual ? r->problem->n_in : r->n,
                           .n = m,
                           .sign = 1});
}

/* The matrix with the penalty on its diagonal, decomposed; false where the
 * penalty drowns. */
static bool decompose(ridge *r, double penalty)
{
  const size_t m = unknowns(r);
  memcpy(r->factor, r->gram, m * m * sizeof *r->factor);
  double largest = 0;
  for (size_t i = 0; i < m; i++) {
    largest = fmax(largest, r->gram[i * m + i]);
    r->factor[i * m + i] += penalty;
  }
  return penalty > SMALLEST_PENALTY * largest && kj__cholesky(r->factor, m);
}

/* y = A^T x with x one value a row of A. */
static void multiply_transposed(const double *a, const double *x, size_t n_rows,
                                size_t n_columns, double *y)
{
  memset(y, 0, n_columns * sizeof *y);
  for (size_t i = 0; i < n_rows; i++)
    for (size_t k = 0; k < n_columns; k++)
      y[k] += x[i] * a[i * n_columns + k];
}

static double dot(const double *x, const double *y, size_t n)
{
  double sum = 0;
  for (size_t k = 0; k < n; k++)
    sum += x[k] * y[k];
  return sum;
}

static kj_status solve(ridge *r, double penalty, kj_error *err)
{
  const size_t n_in = r->problem->n_in;
  bool sound = decompose(r, penalty);
  if (sound && r->dual) {
    memcpy(r->solution, r->target, r->n * sizeof *r->solution);
    kj__cholesky_solve(r->factor, r->n, r->solution);
    for (size_t k = 0; k < n_in; k++)
      r->weights[k] = dot(r->a + k * r->n, r->solution, r->n);
  } else if (sound) {
    multiply_transposed(r->a, r->target, r->n, n_in, r->weights);
    kj__cholesky_solve(r->factor, n_in, r->weights);
  }
  /* A weight that is not finite leaves no finite intercept. */
  if (sound) {
    r->intercept = r->mean_y - dot(r->weights, r->mean_x, n_in);
    sound = isfinite(r->intercept);
  }
  if (!sound)
    return kj__fail(err, KJ_EDATA,
                    "the values are too large for a penalty of %g; "
                    "standardise the columns",
                    penalty);
  return KJ_OK;
}

static double squared_error(const ridge *r, size_t row)
{
  const float *x = r->problem->x + row * r->problem->n_in;
  double estimate = r->intercept;
  for (size_t k = 0; k < r->problem->n_in; k++)
    estimate += r->weights[k] * (double)x[k];
  const double error = r->problem->y[row] - estimate;
  return weight_of(r->problem, row) * error * error;
}

/* Fit to all used rows but those of one fold; `fold` SIZE_MAX: to all. */
static void select_rows(ridge *r, size_t fold)
{
  r->n = 0;
  for (size_t i = 0; i < r->n_used; i++)
    if (fold == SIZE_MAX || r->fold[i] != fold)
      r->row[r->n++] = r->used[i];
  prepare(r);
}

/* Add the errors on one held-out fold, at every penalty. */
static kj_status judge_fold(ridge *r, size_t fold, double error[N_PENALTIES],
                            kj_error *err)
{
  select_rows(r, fold);
  for (size_t p = 0; p < N_PENALTIES; p++) {
    const kj_status status = solve(r, PENALTIES[p], err);
    if (status != KJ_OK)
      return status;
    for (size_t i = 0; i < r->n_used; i++)
      if (r->fold[i] == fold)
        error[p] += squared_error(r, r->used[i]);
  }
  return KJ_OK;
}

static kj_status choose_penalty(ridge *r, double *penalty, kj_error *err)
{
  const size_t n_folds =
      kj__folds_assign(r->problem->group ? r->group : NULL, r->n_used,
                       KJ_RIDGE_MAX_FOLDS, r->member, r->fold);
  double error[N_PENALTIES] = {0};
  for (size_t fold = 0; n_folds > 1 && fold < n_folds; fold++) {
    const kj_status status = judge_fold(r, fold, error, err);
    if (status != KJ_OK)
      return status;
  }
  size_t best = N_PENALTIES - 1;
  for (size_t p = best; p-- > 0;)
    if (error[p] < error[best])
      best = p;
  *penalty = PENALTIES[best];
  return KJ_OK;
}

/* Solve for *penalty, or choose it first where it is 0. */
static kj_status fit(const kj_ridge_problem *problem, double *penalty,
                     double *weights, double *intercept, kj_error *err)
{
  kj_status status = check_problem(problem, weights, intercept, err);
  if (status != KJ_OK)
    return status;

  ridge r;
  status = ridge_init(&r, problem, err);
  if (status == KJ_OK && *penalty == 0)
    status = choose_penalty(&r, penalty, err);
  if (status != KJ_OK)
    goto out;
  select_rows(&r, SIZE_MAX);
  status = solve(&r, *penalty, err);
  if (status != KJ_OK)
    goto out;
  memcpy(weights, r.weights, problem->n_in * sizeof *weights);
  *intercept = r.intercept;
out:
  ridge_clear(&r);
  return status;
}

kj_status kj_ridge_solve(const kj_ridge_problem *problem, double penalty,
                         double *weights, double *intercept, kj_error *err)
{
  if (!(penalty > 0) || isinf(penalty))
    return kj__fail(err, KJ_EARGUMENT,
                    "penalty is %g; must be above 0 and finite", penalty);
  return fit(problem, &penalty, weights, intercept, err);
}

kj_status kj_ridge_fit(const kj_ridge_problem *problem, double *weights,
                       double *intercept, double *penalty, kj_error *err)
{
  double chosen = 0;
  const kj_status status = fit(problem, &chosen, weights, intercept, err);
  if (status == KJ_OK && penalty)
    *penalty = chosen;
  return status;
}
