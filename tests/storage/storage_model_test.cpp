// Random histories of stores, removals, expiry, flushes and crashes, against a simple model.
#include <rapidcheck.h>

#include "storage/support/storage_fixture.hpp"

namespace carillon::storage::test {
namespace {

/// What a peer must remember, as one would write it on paper.
struct Model {
  struct Value {
    std::uint64_t time_ms{};
    std::optional<std::string> text;  ///< Nothing: removed.
    std::int64_t expires_s{};
  };
  using Position = std::pair<unsigned, std::string>;  ///< Resource, key.
  std::map<Position, Value> values;
  std::map<unsigned, std::uint64_t> generations;

  [[nodiscard]] std::map<std::string, std::string> at(unsigned resource, std::int64_t now) const {
    std::map<std::string, std::string> found;
    for (const auto& [position, value] : values) {
      if (position.first == resource && value.expires_s > now) {
        found[position.second] = value.text.value_or("-");
      }
    }
    return found;
  }
  [[nodiscard]] std::size_t existing(unsigned resource, std::int64_t now) const {
    std::size_t count = 0;
    for (const auto& [position, value] : values) {
      if (position.first == resource && value.expires_s > now && value.text) ++count;
    }
    return count;
  }
};

class History {
 public:
  History() { RC_ASSERT(storage_.open().has_value()); }

  void step() {
    switch (*rc::gen::weightedElement<int>({{10, 0}, {3, 1}, {2, 2}, {2, 3}, {1, 4}, {1, 5}})) {
      case 0:
        return store();
      case 1:
        now_s_ += *rc::gen::inRange(1, 40);
        return;
      case 2:
        RC_ASSERT(storage_.expire(now(), 3).has_value());
        return;
      case 3:
        RC_ASSERT(storage_.flush().has_value());
        synced_ = present_;
        return;
      case 4:
        backend_.crash();
        present_ = synced_;
        return;
      default:
        return drop();
    }
  }

  void check() {
    std::size_t expected_resources = 0;
    for (unsigned resource = 0; resource < resources; ++resource) {
      const auto expected = present_.at(resource, now_s_);
      RC_ASSERT(fetched(resource) == expected);
      if (!expected.empty()) ++expected_resources;
    }
    const auto page = storage_.range(RingInterval::whole(), {}, 100, 1'000'000, now());
    RC_ASSERT(page.has_value());
    RC_ASSERT(page->resources.size() == expected_resources);
  }

  /// In the end everything expires, and nothing at all is left behind.
  void check_end() {
    now_s_ += 10'000;
    while (*storage_.expire(now(), 5) > 0) {
    }
    RC_ASSERT(backend_.size() == 1U);
  }

 private:
  static constexpr unsigned resources = 3;

  [[nodiscard]] Now now() const { return at(seconds{now_s_}); }

  void store() {
    const unsigned resource = *rc::gen::inRange(0U, resources);
    wire::StoreKindData data{dictionary_kind, 0, {}};
    Model next = present_;
    bool acceptable = true;
    bool changes = false;
    for (int count = *rc::gen::inRange(1, 4); count > 0; --count) {
      const std::string key(1, *rc::gen::inRange('a', 'g'));
      const auto time_ms = static_cast<std::uint64_t>(*rc::gen::inRange(0, 30));
      const auto lifetime = static_cast<std::uint32_t>(*rc::gen::inRange(1, 60));
      const bool remove = *rc::gen::inRange(0, 3) == 0;
      auto value = entry(key, remove ? "" : key + std::to_string(time_ms),
                         {.time_ms = time_ms, .lifetime_s = lifetime});
      if (remove) value = removed(std::move(value));
      data.values.push_back(value);
      const std::optional<std::string> text =
          remove ? std::nullopt : std::optional{key + std::to_string(time_ms)};
      // Judged against what was there before, so that a repetition in one request is no surprise.
      auto& there = next.values[{resource, key}];
      const bool alive = there.expires_s > now_s_;
      const auto before = present_.values.find({resource, key});
      const bool same = before != present_.values.end() && before->second.expires_s > now_s_ &&
                        before->second.time_ms == time_ms && before->second.text == text;
      if (same) continue;
      if (alive && time_ms <= there.time_ms) acceptable = false;
      if (text && !(alive && there.text) && next.existing(resource, now_s_) >= 4) {
        acceptable = false;
      }
      there = {time_ms, text, now_s_ + lifetime};
      changes = true;
    }
    const ResourceId where = place(static_cast<std::uint8_t>(resource));
    const auto outcome =
        storage_.store({where, 0, {std::move(data)}}, {now(), verifier_, {"alice", node(1), {}}});
    RC_ASSERT(outcome.has_value() == acceptable);
    if (!outcome) return;
    RC_ASSERT(outcome->changed == changes);
    const auto counter = outcome->answer.kind_responses.at(0).generation_counter;
    if (changes) RC_ASSERT(counter > present_.generations[resource]);
    next.generations[resource] = counter;
    present_ = std::move(next);
  }

  void drop() {
    const unsigned resource = *rc::gen::inRange(0U, resources);
    NodeId::Octets upto{};
    upto[0] = static_cast<std::uint8_t>(resource);
    NodeId::Octets after = upto;
    if (resource == 0) {
      after.fill(0xff);
    } else {
      --after[0];
    }
    while (*storage_.drop({NodeId{after}, NodeId{upto}}, 1) > 0) {
    }
    present_.generations.erase(resource);
    std::erase_if(present_.values, [&](const auto& one) { return one.first.first == resource; });
  }

  std::map<std::string, std::string> fetched(unsigned resource) {
    const auto answer = storage_.fetch(
        {place(static_cast<std::uint8_t>(resource)),
         {wire::StoredDataSpecifier::all(dictionary_kind, wire::DataModel::dictionary)}},
        now());
    RC_ASSERT(answer.has_value());
    std::map<std::string, std::string> found;
    for (const auto& data : answer->content.kind_responses.at(0).values) {
      const auto& one = std::get<wire::DictionaryEntry>(data.value.entry);
      found[std::string{as_text(one.key)}] =
          one.value.exists ? std::string{as_text(one.value.value)} : "-";
    }
    return found;
  }

  MemoryBackend backend_;
  Storage storage_{backend_, kinds(), policies()};
  PlainVerifier verifier_;
  Model present_;
  Model synced_;
  std::int64_t now_s_{0};
};

TEST(StorageModelTest, StorageDoesWhatTheModelDoes) {
  EXPECT_TRUE(rc::check([] {
    History history;
    for (int steps = *rc::gen::inRange(1, 40); steps > 0; --steps) {
      history.step();
      history.check();
    }
    history.check_end();
  }));
}

}  // namespace
}  // namespace carillon::storage::test
