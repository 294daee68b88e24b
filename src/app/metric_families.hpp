#pragma once

#include <string>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

namespace carillon::app {

/// Gathers metrics for prometheus-cpp's serializer.
class MetricFamilies {
 public:
  struct Sample {
    std::vector<std::pair<std::string, std::string>> labels{};
    double value{};
  };

  /// Only grows; the name ends in _total.
  void counter(std::string name, std::string help, std::vector<Sample> samples);
  void gauge(std::string name, std::string help, std::vector<Sample> samples);
  template <typename Number>
  void counter(std::string name, std::string help, Number value) {
    counter(std::move(name), std::move(help), one(value));
  }
  template <typename Number>
  void gauge(std::string name, std::string help, Number value) {
    gauge(std::move(name), std::move(help), one(value));
  }

  /// In the text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  template <typename Number>
  static std::vector<Sample> one(Number value) {
    std::vector<Sample> samples(1);
    samples.front().value = static_cast<double>(value);
    return samples;
  }
  void add(prometheus::MetricType type, std::string name, std::string help,
           std::vector<Sample> samples);

  std::vector<prometheus::MetricFamily> families_;
};

/// Processor time and memory of this process, by Prometheus' usual names.
void add_process_metrics(MetricFamilies& families);

}  // namespace carillon::app
