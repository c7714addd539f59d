// Lists the kernels, compiled for the features in force where this is included.
//
// BLOCK_ROWS × BLOCK_OUTPUTS accumulators of 16 lanes fit the registers of the instruction set.
#pragma once

#include "attention.h"
#include "gradients.h"
#include "linear.h"
#include "losses.h"
#include "recorded_attention.h"
#include "rows.h"
#include "statistics.h"

#define TACIT_KERNELS                                                  \
  [KERNEL_LINEAR] = linear_kernel,                                 \
  [KERNEL_GATHER] = gather_kernel,                                 \
  [KERNEL_ATTENTION] = attention_kernel,                           \
  [KERNEL_STORE_COLUMNS] = store_columns_kernel,                   \
  [KERNEL_RMSNORM] = rmsnorm_kernel,                               \
  [KERNEL_LAYERNORM] = layernorm_kernel,                           \
  [KERNEL_ROTARY] = rotary_kernel,                                 \
  [KERNEL_MAP] = map_kernel,                                       \
  [KERNEL_SWIGLU] = swiglu_kernel,                                 \
  [KERNEL_ADD] = add_kernel,                                       \
  [KERNEL_SOFTMAX] = softmax_kernel,                               \
  [KERNEL_LOG_SUM_EXP] = log_sum_exp_kernel,                       \
  [KERNEL_ENTROPY] = entropy_kernel,                               \
  [KERNEL_RECORDED_ATTENTION] = recorded_attention_kernel,         \
  [KERNEL_PRODUCT] = product_kernel,                               \
  [KERNEL_COLUMN_SUMS] = column_sums_kernel,                       \
  [KERNEL_SCATTER] = scatter_kernel,                               \
  [KERNEL_NORM_GRADIENT] = norm_gradient_kernel,                   \
  [KERNEL_MAP_GRADIENT] = map_gradient_kernel,                     \
  [KERNEL_SWIGLU_GRADIENT] = swiglu_gradient_kernel,               \
  [KERNEL_CROSS_ENTROPY] = cross_entropy_kernel,                   \
  [KERNEL_CROSS_ENTROPY_GRADIENT] = cross_entropy_gradient_kernel
