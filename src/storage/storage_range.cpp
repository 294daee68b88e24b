// Storage's walks through ring intervals, for replication, handover and comparison.

#include "storage/storage.hpp"

namespace carillon::storage {

Result<Storage::RawPage> Storage::raw_range(const RingInterval& interval,
                                            const std::optional<ResourceId>& from,
                                            std::size_t max_resources, std::size_t max_octets) {
  RawPage page;
  std::size_t octets = 0;
  const auto visit = [&](const keys::RecordId& id, ByteView record) {
    if (page.resources.empty() || page.resources.back().id != id.resource) {
      if (page.resources.size() >= max_resources || octets >= max_octets) {
        page.next = id.resource;
        return Scan::stop;
      }
      page.resources.push_back({id.resource, {}});
    }
    page.resources.back().records.emplace_back(id.kind, to_bytes(record));
    octets += record.size();
    return Scan::next;
  };
  for (const auto& stretch : from ? interval.stretches_from(*from) : interval.stretches()) {
    if (auto scanned = records_.scan(stretch, visit); !scanned) {
      return std::unexpected(scanned.error());
    }
    if (page.next) break;
  }
  return page;
}

std::optional<OpenRecord> Storage::readable(const keys::RecordId& id, ByteView octets, Now now) {
  auto open = records_.decode(id, octets, now.wall);
  if (open) return std::move(*open);
  // One damaged record must not keep all others from being copied to where they are safe.
  static_cast<void>(note(std::move(open.error())));
  return std::nullopt;
}

Result<StoredResource> Storage::decode(const RawResource& raw, Now now) {
  StoredResource stored;
  stored.content.resource = raw.id;
  stored.content.replica_number = 1;
  CertificateCollector certificates{backend_};
  for (const auto& [kind, octets] : raw.records) {
    const auto open = readable({raw.id, kind}, octets, now);
    if (!open) continue;
    wire::StoreKindData data{kind, open->record.generation, {}};
    for (const auto& entry : open->record.entries) {
      data.values.push_back(entry.at(now.wall));
      // What expires within this second is not worth a message.
      if (data.values.back().lifetime == 0) {
        data.values.pop_back();
        continue;
      }
      if (!entry.certificate) continue;
      if (auto added = certificates.add(*entry.certificate); !added) {
        return std::unexpected(added.error());
      }
    }
    if (!data.values.empty()) stored.content.kind_data.push_back(std::move(data));
  }
  stored.certificates = std::move(certificates).take();
  return stored;
}

Result<ResourcePage> Storage::range(const RingInterval& interval,
                                    const std::optional<ResourceId>& from,
                                    std::size_t max_resources, std::size_t max_octets, Now now) {
  auto raw = raw_range(interval, from, max_resources, max_octets);
  if (!raw) return std::unexpected(note(raw.error()));
  ResourcePage page{.resources = {}, .next = std::move(raw->next)};
  for (const auto& resource : raw->resources) {
    auto decoded = decode(resource, now);
    if (!decoded) return std::unexpected(note(decoded.error()));
    if (!decoded->content.kind_data.empty()) page.resources.push_back(std::move(*decoded));
  }
  return page;
}

Result<StoredResource> Storage::resource(const ResourceId& id, Now now) {
  RawResource raw{id, {}};
  const auto place = place_of(id);
  if (!place) return StoredResource{.content = {id, 1, {}}, .certificates = {}};
  auto scanned =
      records_.scan({*place, *place}, [&](const keys::RecordId& record, ByteView octets) {
        raw.records.emplace_back(record.kind, to_bytes(octets));
        return Scan::next;
      });
  if (!scanned) return std::unexpected(note(scanned.error()));
  auto decoded = decode(raw, now);
  if (!decoded) return std::unexpected(note(decoded.error()));
  return decoded;
}

Result<DigestPage> Storage::digests(const RingInterval& interval,
                                    const std::optional<ResourceId>& from,
                                    std::size_t max_resources, Now now) {
  auto raw = raw_range(interval, from, max_resources, max_page_octets);
  if (!raw) return std::unexpected(note(raw.error()));
  DigestPage page{.resources = {}, .next = std::move(raw->next)};
  for (const auto& resource : raw->resources) {
    Writer hashed;
    for (const auto& [kind, octets] : resource.records) {
      const auto open = readable({resource.id, kind}, octets, now);
      if (!open) continue;
      for (const auto& entry : open->record.entries) {
        hashed.u32(static_cast<std::uint32_t>(kind));
        hashed.u64(entry.data.storage_time);
        entry.data.value.encode(hashed);
        entry.data.signature.encode(hashed);
      }
    }
    if (hashed.size() > 0) page.resources.push_back({resource.id, sha256(hashed.view())});
  }
  return page;
}

Result<std::size_t> Storage::drop(const RingInterval& interval, std::size_t max_resources) {
  auto raw = raw_range(interval, std::nullopt, max_resources, max_page_octets);
  if (!raw) return std::unexpected(note(raw.error()));
  WriteBatch batch;
  CertificateChanges certificates;
  for (const auto& resource : raw->resources) {
    for (const auto& [kind, octets] : resource.records) {
      // At the end of time all has expired: so this empties the record.
      auto open = records_.decode({resource.id, kind}, octets, WallTime::max(), &certificates);
      if (open) {
        records_.save(*open, batch);
      } else {
        batch.erase(keys::record(resource.id, kind));
        batch.erase(keys::index(kind, resource.id));
      }
    }
  }
  if (raw->resources.empty()) return 0;
  if (auto written = certificates.write(backend_, batch); !written) {
    return std::unexpected(note(written.error()));
  }
  if (auto applied = backend_.apply(std::move(batch)); !applied) {
    return std::unexpected(note(applied.error()));
  }
  return raw->resources.size();
}

}  // namespace carillon::storage
