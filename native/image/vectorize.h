// Function multi-versioning for the hot loops: AVX-512, AVX2 or plain x86-64, picked at start-up.
// Left out under the sanitizers, whose runtimes are not ready when the choice is made.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DEEPCODE_IMAGE_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEEPCODE_IMAGE_SANITIZED 1
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && \
    !defined(DEEPCODE_IMAGE_SANITIZED)
#define DEEPCODE_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DEEPCODE_VECTOR_CLONES
#endif
