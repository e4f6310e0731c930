import ArgumentParser
import Foundation
import PatientGen
import Yams

/// A scenario from a file, JSON or YAML.
enum ScenarioFile {
    static func read(_ path: String) throws -> Scenario {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path) cannot be read; is it there, and may it be read?")
        }
        do {
            if path.hasSuffix(".yml") || path.hasSuffix(".yaml") {
                return try Scenario(try value(of: try Yams.compose(yaml: String(decoding: data, as: UTF8.self)), path))
            }
            return try Scenario(json: Array(data))
        } catch let error as ScenarioError {
            throw ValidationError("\(path): \(error)")
        } catch let error as YamlError {
            throw ValidationError("\(path): \(error)")
        }
    }

    private static func value(of node: Node?, _ path: String) throws -> ScenarioValue {
        switch node {
        case nil: throw ValidationError("\(path) is empty; it takes a scenario")
        case .mapping(let mapping)?:
            return .object(
                try mapping.map { key, node in
                    guard let key = key.string else { throw ValidationError("\(path): keys must be texts") }
                    return ScenarioValue.Pair(key, try value(of: node, path))
                })
        case .sequence(let sequence)?: return .list(try sequence.map { try value(of: $0, path) })
        case .scalar(let scalar)?:
            let node = Node.scalar(scalar)
            if node.null != nil { return .null }
            if let flag = node.bool { return .bool(flag) }
            if let number = node.float { return .number(number) }
            return .text(scalar.string)
        case .alias?: throw ValidationError("\(path): aliases are not taken")
        }
    }
}
