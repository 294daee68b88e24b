"""The layers, from docs/architecture.md: what may include what."""

import os
import re

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(REPOSITORY, "src")

CORE = ("base", "wire", "security", "config", "link", "forwarding", "transport", "storage",
        "topology", "peer", "usage", "sip")

# What each folder may include beside itself.
_BELOW_PEER = {"base", "wire", "security", "config", "link", "forwarding"}
MAY_INCLUDE = {
    "base": set(),
    "wire": {"base"},
    "security": {"base", "wire"},
    "config": {"base", "wire", "security"},
    "link": {"base", "wire", "security", "config"},
    "forwarding": {"base", "wire", "security", "config", "link"},
    # The three stand side by side and don't know each other.
    "transport": set(_BELOW_PEER),
    "storage": set(_BELOW_PEER),
    "topology": set(_BELOW_PEER),
    "peer": _BELOW_PEER | {"transport", "storage", "topology"},
    # SIP has never heard of RELOAD.
    "sip": {"base"},
    "usage": _BELOW_PEER | {"transport", "storage", "topology", "peer", "sip"},
    "io": set(CORE),
    "app": set(CORE) | {"io"},
    # The same for C programs.
    "c": set(CORE) | {"io", "app"},
}

# Which CMake targets bring the headers of a library.
LIBRARIES = {
    "openssl/": {"OpenSSL::Crypto", "OpenSSL::SSL"},
    "libxml/": {"LibXml2::LibXml2"},
    "lmdb.h": {"PkgConfig::LMDB"},
    "osipparser2/": {"PkgConfig::OSIP"},
    "osip2/": {"PkgConfig::OSIP"},
    "boost/": {"Boost::headers"},
    "fmt/": {"fmt::fmt", "spdlog::spdlog"},
    "spdlog/": {"spdlog::spdlog"},
    "nlohmann/": {"nlohmann_json::nlohmann_json"},
    "CLI/": {"CLI11::CLI11"},
    "prometheus/": {"prometheus-cpp::core"},
}

_INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def sources(folder):
    """The C++ files below a folder, sorted."""
    found = []
    for directory, _, names in os.walk(folder):
        found += [os.path.join(directory, name) for name in names
                  if name.endswith((".hpp", ".cpp", ".h"))]
    return sorted(found)


def includes(path):
    """(quoted, angled) names that a file includes."""
    with open(path, encoding="utf-8") as text:
        matches = _INCLUDE.findall(text.read())
    return [quoted for quoted, _ in matches if quoted], [angled for _, angled in matches if angled]


def forbidden_includes(layer, quoted):
    """Those of a file's quoted includes that its layer must not have."""
    allowed = MAY_INCLUDE[layer] | {layer}
    return [name for name in quoted
            if "/" not in name or name.split("/")[0] not in allowed]


def declared_uses(layer):
    """What the layer's CMake file says after USES, over all its targets; its own parts
    (carillon_app_decode) left out."""
    with open(os.path.join(SOURCE, layer, "CMakeLists.txt"), encoding="utf-8") as text:
        content = re.sub(r"#.*", "", text.read())
    found = set()
    for arguments in re.findall(r"(?:carillon_layer|target_link_libraries)\(([^)]*)\)", content):
        words = arguments.split()[1:]
        found |= {word for word in words
                  if word not in ("USES", "PRIVATE", "PUBLIC", "INTERFACE")
                  and not re.fullmatch(f"carillon_{layer}(_.*)?", word)}
    return found


def reachable_uses(layer):
    """The layer's USES and those of the layers that it uses, as CMake hands them on."""
    found, todo = set(), [layer]
    while todo:
        for use in declared_uses(todo.pop()) - found:
            found.add(use)
            if use.startswith("carillon_"):
                todo.append(use[len("carillon_"):])
    return found
