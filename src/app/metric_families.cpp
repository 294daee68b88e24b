#include "app/metric_families.hpp"

#include <fstream>

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

namespace carillon::app {

void MetricFamilies::counter(std::string name, std::string help, std::vector<Sample> samples) {
  add(prometheus::MetricType::Counter, std::move(name), std::move(help), std::move(samples));
}

void MetricFamilies::gauge(std::string name, std::string help, std::vector<Sample> samples) {
  add(prometheus::MetricType::Gauge, std::move(name), std::move(help), std::move(samples));
}

void MetricFamilies::add(prometheus::MetricType type, std::string name, std::string help,
                         std::vector<Sample> samples) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  for (auto& sample : samples) {
    prometheus::ClientMetric metric;
    for (auto& [label, value] : sample.labels)
      metric.label.push_back({std::move(label), std::move(value)});
    metric.counter.value = sample.value;
    metric.gauge.value = sample.value;
    family.metric.push_back(std::move(metric));
  }
  families_.push_back(std::move(family));
}

std::string MetricFamilies::text() const {
  return prometheus::TextSerializer{}.Serialize(families_);
}

namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void add_process_metrics(MetricFamilies& families) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    families.counter("process_cpu_seconds_total", "Processor time, user and system",
                     seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  }
  std::ifstream statm("/proc/self/statm");
  long size = 0;
  long resident = 0;
  if (statm >> size >> resident) {
    families.gauge("process_resident_memory_bytes", "Memory, mapped files included",
                   resident * ::sysconf(_SC_PAGESIZE));
  }
}

}  // namespace carillon::app
