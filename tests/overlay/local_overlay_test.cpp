#include "overlay/support/overlay_suite.hpp"
#include "usage/support/local_harness.hpp"

namespace carillon::overlay_test {
INSTANTIATE_TYPED_TEST_SUITE_P(Local, OverlaySuite, usage::test::LocalHarness);
}
