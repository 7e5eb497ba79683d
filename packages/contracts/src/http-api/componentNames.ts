/**
 * What a schema is called where schemas are listed by name (`components` of an API description): as it is called in code. Schemas carry
 * no name themselves, since a name would stand in the sentence that says what is wrong with a value.
 */
import { Schema, type SchemaAST } from "effect"
import { ClientEvent, LoggedEvent } from "../Envelope.ts"
import { ThreadId } from "../Ids.ts"
import * as contracts from "../index.ts"
import { ThreadEvent } from "../ThreadEvent.ts"
import * as answers from "./Answers.ts"
import { CommandBody } from "./CommandsApi.ts"

type Named = ReadonlyMap<SchemaAST.AST, string>

const astsOf = (module: object): ReadonlyArray<readonly [SchemaAST.AST, string]> =>
  Object.entries(module).flatMap(([name, value]) =>
    Schema.isSchema(value) ? [[value.ast, name] as const] : []
  )

const membersOf = (union: unknown) =>
  (union as { readonly members: ReadonlyArray<Schema.Struct<Schema.Struct.Fields>> }).members

/** By the identity of their syntax trees. */
export const componentNames = (): Named => {
  const names = new Map([...astsOf(contracts), ...astsOf(answers)])
  // One schema under several brands.
  names.set(ThreadId.ast, "Id")
  names.set(CommandBody.ast, "Command")
  const commands = contracts.ClientCommand.members
  for (const [i, member] of membersOf(CommandBody).entries()) {
    names.set(member.ast, names.get(commands[i]!.ast)!)
  }
  for (const [i, event] of ThreadEvent.members.entries()) {
    const name = names.get(event.ast)!
    names.set(membersOf(ClientEvent)[i]!.ast, `${name}Event`)
    names.set(membersOf(LoggedEvent)[i]!.ast, `Logged${name}Event`)
    names.set(event.fields.data.ast, `${name}Data`)
  }
  return names
}
