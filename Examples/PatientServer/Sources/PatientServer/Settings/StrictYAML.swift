import Foundation
import Yams

/// A YAML file whose every key must be known. Values are scalars, found under a path of mappings.
struct StrictYAML {
    /// One value and the line it stands on.
    struct Entry {
        let text: String
        let place: String
    }

    /// Paths of keys, joined by dots, to their values.
    private(set) var entries: [String: Entry] = [:]
    let file: String

    /// Reads a file.
    /// - Parameter isKnown: whether a key path may stand in this file.
    /// - Parameter allowed: what to say about keys that may not.
    init(file: String, isKnown: (String) -> Bool, allowed: String) throws {
        self.file = file
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw SettingsError(place: file, key: "(file)", rule: "cannot be read as UTF-8 text")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            let line = String(describing: error).split(separator: "\n").first.map(String.init) ?? "not YAML"
            throw SettingsError(place: file, key: "(file)", rule: "is not valid YAML: \(line)")
        }
        guard let root, root != Node("", Tag(.null)) else { return }
        try collect(root, path: [], isKnown: isKnown, allowed: allowed)
    }

    private mutating func collect(
        _ node: Node, path: [String], isKnown: (String) -> Bool, allowed: String
    ) throws {
        let place = "\(file) line \(node.mark?.line ?? 0)"
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                let name = key.string ?? "?"
                let keys = path + [name]
                if case .mapping = value {
                    try collect(value, path: keys, isKnown: isKnown, allowed: allowed)
                    continue
                }
                let joined = keys.joined(separator: ".")
                guard isKnown(joined) else {
                    throw SettingsError(
                        place: "\(file) line \(key.mark?.line ?? 0)", key: joined,
                        rule: "is not a key of this file; allowed are \(allowed)")
                }
                guard entries[joined] == nil else {
                    throw SettingsError(place: "\(file) line \(key.mark?.line ?? 0)", key: joined, rule: "stands twice")
                }
                guard case .scalar(let scalar) = value else {
                    throw SettingsError(place: place, key: joined, rule: "takes a single value, not a list")
                }
                entries[joined] = Entry(text: scalar.string, place: "\(file) line \(key.mark?.line ?? 0)")
            }
        default:
            throw SettingsError(
                place: place, key: path.isEmpty ? "(file)" : path.joined(separator: "."),
                rule: "must hold keys and values")
        }
    }
}
