# What the core library may call, read from its symbols.
add_test(NAME core.symbols COMMAND /usr/bin/python3 -B
  "${CMAKE_SOURCE_DIR}/tests/core/check_symbols.py"
  $<TARGET_FILE:kanjo_core>)
