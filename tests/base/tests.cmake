# test_crew.c stands in for pthread_create, which the system may refuse.
target_link_options(test_base_crew PRIVATE LINKER:--wrap=pthread_create)
