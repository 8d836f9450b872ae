import type { GraphQLSchema, GraphQLType, OperationDefinitionNode } from 'graphql';
import { isInputObjectType, isListType, isNonNullType, typeFromAST } from 'graphql';

const DEEPEST = 4;

/** The variable paths of `operation` that take a file, such as "image" or "input.images.0". */
export function uploadPaths(schema: GraphQLSchema, operation: OperationDefinitionNode): string[] {
  return (operation.variableDefinitions ?? []).flatMap((definition) => {
    const type = typeFromAST(schema, definition.type as never) as GraphQLType | undefined;
    return type ? pathsIn(type, [definition.variable.name.value]) : [];
  });
}

function pathsIn(type: GraphQLType, path: string[]): string[] {
  if (path.length > DEEPEST) return [];
  if (isNonNullType(type)) return pathsIn(type.ofType, path);
  if (isListType(type)) return [0, 1, 2, 3].flatMap((index) => pathsIn(type.ofType, [...path, `${index}`]));
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap((field) => pathsIn(field.type, [...path, field.name]));
  }
  return 'name' in type && type.name === 'Upload' ? [path.join('.')] : [];
}
