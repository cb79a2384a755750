/*
 * dump.c: write what read_safetensors.py then opens: model files, and beside
 * each what must be in it, as text.
 *
 *   model_dump FOLDER   makes FOLDER/KIND and FOLDER/KIND.txt, of each kind of
 *                       weights
 *
 * Weights stand there as the floats that they mean. Lines of text: "NAME DTYPE
 * SHAPE VALUE...", a shape as 2x3, values in hex.
 */
#include "model/support.h"

static void print_floats(FILE *out, const char *name, const char *shape,
                         const float *values, size_t n)
{
  fprintf(out, "%s F32 %s", name, shape);
  for (size_t i = 0; i < n; i++)
    fprintf(out, " %a", (double)values[i]);
  fputc('\n', out);
}

static void print_layer(FILE *out, const kj_network *net, size_t p, size_t l)
{
  const size_t n_in = net->shape.width[l], n_out = net->shape.width[l + 1];
  char name[64], shape[64];
  snprintf(name, sizeof name, "network%zu.layer%zu.weight", p, l);
  snprintf(shape, sizeof shape, "%zux%zu", n_out, n_in);
  print_floats(out, name, shape, kj_network_weights(net, l), n_in * n_out);
  snprintf(name, sizeof name, "network%zu.layer%zu.bias", p, l);
  snprintf(shape, sizeof shape, "%zu", n_out);
  print_floats(out, name, shape, kj_network_biases(net, l), n_out);
}

static void print_expected(FILE *out, const kj_estimator_parts *parts)
{
  print_floats(out, "scaler.mean", "7", parts->scaler.mean, SAMPLE_INPUTS);
  print_floats(out, "scaler.inverse_sd", "7", parts->scaler.inverse_sd,
               SAMPLE_INPUTS);
  fputs("calibration F64 3x2", out);
  for (size_t k = 0; k < parts->n_targets; k++)
    fprintf(out, " %a %a", parts->slope[k], parts->offset[k]);
  fputc('\n', out);
  for (size_t p = 0; p < parts->n_parts; p++)
    for (size_t l = 0; l < parts->part[p].network->shape.n_layers; l++)
      print_layer(out, parts->part[p].network, p, l);
}

static bool dump(const char *where, kj_weights weights)
{
  char path[4096];
  kj_error err;
  kj_estimator *estimator = sample_estimator_of(weights, 71);
  const kj_model_card card = sample_card();
  snprintf(path, sizeof path, "%s/%s", where, kj_weights_name(weights));
  if (kj_model_write(path, estimator, &card, &err) != KJ_OK) {
    fprintf(stderr, "%s\n", err.message);
    return false;
  }
  strcat(path, ".txt");
  FILE *out = fopen(path, "w");
  if (!out)
    return false;
  print_expected(out, kj_estimator_get_parts(estimator));
  kj_estimator_destroy(estimator);
  return fclose(out) == 0;
}

int main(int argc, char **argv)
{
  if (argc != 2 || strlen(argv[1]) > 4000)
    return 2;
  for (int w = 0; w < KJ_N_WEIGHTS; w++)
    if (!dump(argv[1], (kj_weights)w))
      return 1;
  return 0;
}
