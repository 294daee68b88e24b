#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/main/huge_pages.hpp"
#include "sim/scenario.hpp"
#include "sim/weather.hpp"

namespace {

using namespace carillon::sim;

std::string manual() {
  std::string text = "Scenarios:\n";
  for (const Scenario& scenario : all_scenarios())
    text += fmt::format("  {:22} {}\n", scenario.name, scenario.meaning);
  text += "\nKeys of --set, with their standard values:\n";
  for (const Setting& setting : all_settings())
    text += fmt::format("  {:22} {:>8}  {}\n", setting.key, setting.standard, setting.meaning);
  return text;
}

int run(int argc, char** argv) {
  CLI::App app{"A whole Carillon overlay in one process, under virtual time."};
  app.footer(manual());
  Simulation::Order order;
  order.scenario = "steady";
  double duration = 600;
  std::vector<std::string> assignments;
  bool json = false;
  app.add_option("--peers", order.peers, "peers in the ring at the start")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--seed", order.seed, "the same seed plays the same run")->capture_default_str();
  app.add_option("--scenario", order.scenario, "what happens")->capture_default_str();
  app.add_option("--set", assignments, "key=value; may be given again");
  app.add_option("--duration", duration, "seconds of virtual time for the scenario")
      ->capture_default_str();
  app.add_flag("--json", json, "prints one JSON object");
  app.add_flag("--trace", order.tells, "tells the story of the run");
  CLI11_PARSE(app, argc, argv);

  const Scenario* scenario = find_scenario(order.scenario);
  if (scenario == nullptr) {
    fmt::print(stderr, "carillon-sim: no scenario '{}'; see --help\n", order.scenario);
    return 2;
  }
  Settings settings;
  for (const std::string& assignment : assignments) {
    if (const auto done = settings.set(assignment); !done) {
      fmt::print(stderr, "carillon-sim: {}\n", done.error().message());
      return 2;
    }
  }
  scenario->prepare(settings);
  order.weather = draw_weather(settings, order.seed);
  order.duration = Simulation::Duration{static_cast<std::int64_t>(duration * 1e6)};
  Simulation simulation{order, settings};
  const Report report = simulation.run();
  if (json) {
    fmt::print("{}\n", report.to_json());
  } else {
    fmt::print("{}", report.to_text());
  }
  return report.violations.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  use_huge_pages();
  return run(argc, argv);
}
