# How everything here is compiled: C17, every warning an error, and no fused
# multiply-add but those that the kernels ask for by name. Nothing reads errno
# after a square root; saying so lets loops with one become vector code.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g") # with the asserts of the kernels

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wundef -Wformat=2 -Wcast-qual -Werror -ffp-contract=off -fno-math-errno)
if(KANJO_SANITIZE)
  add_compile_options(-fsanitize=${KANJO_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${KANJO_SANITIZE})
endif()
