import {
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Answer } from '../../answer.ts';
import { header, parsedBody, type Incoming } from '../../incoming.ts';
import { json } from '../answer.ts';
import type { Vendor } from '../vendor.ts';
import type { Context } from './context.ts';
import { failure, type FailureCode } from './failure.ts';
import { operationsExist } from './known-operations.ts';
import { MUTATIONS } from './mutations.ts';
import { waveSchema } from './schema.ts';
import { stringsAreVariables } from './string-literals.ts';

/** A request to the one endpoint, as far as it could be understood. */
export interface Call {
  source: string | undefined;
  variables: Record<string, unknown>;
  operationName: string | undefined;
  checked: Checked | undefined;
  operation: OperationDefinitionNode | undefined;
  /** Root fields as they are called in the answer. */
  answered: string[];
  /** What is asked, such as `query business.invoices` or `mutation invoiceCreate`. */
  asked: string[];
  /** The one mutation, or `query`. */
  name: string;
  entity: string | undefined;
}

interface Checked {
  document: DocumentNode | undefined;
  errors: readonly GraphQLError[];
}

const REMEMBERED_DOCUMENTS = 500;

/** `POST /graphql/public`: parse and validate, coerce the variables, authenticate, execute (sheet 2.1). */
export class GraphQLEndpoint {
  readonly schema: GraphQLSchema = waveSchema();
  private readonly vendor: Vendor;
  /** Told of errors in the sandbox itself. */
  private readonly report: (error: unknown) => void;
  /** Documents are few and come again and again. */
  private readonly documents = new Map<string, Checked>();

  constructor(vendor: Vendor, report: (error: unknown) => void) {
    this.vendor = vendor;
    this.report = report;
  }

  understand(request: Incoming): Call {
    const body = parsedBody(request);
    const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const source = typeof members.query === 'string' ? members.query : undefined;
    const operationName = typeof members.operationName === 'string' ? members.operationName : undefined;
    const checked = source === undefined ? undefined : this.check(source);
    const operation = checked?.document && (getOperationAST(checked.document, operationName) ?? undefined);
    const isValid = checked?.errors.length === 0;
    const fields = checked?.document && operation && isValid ? rootFields(checked.document, operation) : [];
    const only = operation?.operation === OperationTypeNode.MUTATION ? fields[0]?.name : undefined;
    return {
      source,
      variables: isRecord(members.variables) ? members.variables : {},
      operationName,
      checked,
      operation,
      answered: fields.map((field) => field.key),
      asked: fields.flatMap((field) => field.asked),
      name: only ?? 'query',
      entity: only === undefined ? undefined : MUTATIONS[only]?.entity,
    };
  }

  answer(request: Incoming, call: Call): Answer {
    if (request.method !== 'POST') {
      return { ...this.refused([failure('BAD_USER_INPUT', 'Send a POST.')]), status: 405, headers: { Allow: 'POST' } };
    }
    const type = header(request, 'content-type').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return this.refused([failure('BAD_USER_INPUT', 'Send application/json.')], true);
    if (call.source === undefined || !call.checked) {
      return this.refused([failure('BAD_USER_INPUT', 'The body has to be JSON with a "query".')], true);
    }
    const { document, errors } = call.checked;
    if (!document || errors.length > 0) return this.refused(errors);
    if (!call.operation) {
      return this.refused([failure('BAD_USER_INPUT', 'The document has several operations, or not the one named.')]);
    }
    const { coerced, errors: unfit } = getVariableValues(
      this.schema,
      call.operation.variableDefinitions ?? [],
      call.variables,
    );
    if (unfit || !coerced) {
      return this.refused((unfit ?? []).map((error) => recoded(error, this.vendor.switches.variableErrorCode)));
    }
    return this.executed(request, document, call);
  }

  private executed(request: Incoming, document: DocumentNode, call: Call): Answer {
    const { vendor } = this;
    const token = bearerOf(request);
    const context: Context = {
      vendor,
      grant: token === undefined ? undefined : vendor.grants.check(token),
      base: request.base,
      lackedScope: false,
    };
    const result = execute({
      schema: this.schema,
      document,
      contextValue: context,
      variableValues: call.variables,
      operationName: call.operationName,
    }) as ExecutionResult;
    if (context.lackedScope && vendor.switches.missingScope === '403') {
      return json(403, { errors: this.told(result.errors ?? []) });
    }
    const isStranger = result.errors?.some((error) => error.extensions.code === 'UNAUTHENTICATED') === true;
    const status = isStranger ? Number(vendor.switches.unauthenticatedStatus) : 200;
    return json(status, { ...(result.errors && { errors: this.told(result.errors) }), data: result.data ?? null });
  }

  private check(source: string): Checked {
    const { stringLiterals, parseErrorCode } = this.vendor.switches;
    const key = `${stringLiterals}:${parseErrorCode}:${source}`;
    let checked = this.documents.get(key);
    if (checked) return checked;
    try {
      const document = parse(source);
      const rules = [...specifiedRules, operationsExist];
      if (stringLiterals !== 'accept') rules.push(stringsAreVariables(stringLiterals === 'refuse'));
      const errors = validate(this.schema, document, rules);
      checked = { document, errors: errors.map(asVendorSays) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      checked = { document: undefined, errors: [recoded(error, parseErrorCode)] };
    }
    if (this.documents.size >= REMEMBERED_DOCUMENTS) {
      for (const [oldest] of this.documents) {
        this.documents.delete(oldest);
        break;
      }
    }
    this.documents.set(key, checked);
    return checked;
  }

  /** Nothing was executed, so there is no `data`. What is not even GraphQL is 400 whatever the switch says. */
  private refused(errors: readonly GraphQLError[], isNoGraphQL = false): Answer {
    const status = isNoGraphQL ? 400 : Number(this.vendor.switches.errorStatus);
    return json(status, { errors: this.told(errors) });
  }

  /** Every error gets an id that one could quote to the vendor. What has no code is a mistake of the sandbox's own. */
  private told(errors: readonly GraphQLError[]): object[] {
    return errors.map((error) => {
      const { locations, path } = error;
      const { code } = error.extensions;
      const isExpected = typeof code === 'string';
      if (!isExpected) this.report(error.originalError ?? error);
      return {
        extensions: { id: this.vendor.random.uuid(), code: isExpected ? code : 'INTERNAL_SERVER_ERROR' },
        message: isExpected ? error.message : 'Internal server error',
        ...(locations && { locations }),
        ...(path && { path }),
      };
    });
  }
}

export function bearerOf(request: Pick<Incoming, 'headers'>): string | undefined {
  const { authorization } = request.headers;
  const [, token] = /^bearer\s+(\S+)$/i.exec(typeof authorization === 'string' ? authorization : '') ?? [];
  return token;
}

/** The vendor's library is older than ours and words one complaint in another way. */
function asVendorSays(error: GraphQLError): GraphQLError {
  const message = error.message.replace(
    /^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"/,
    'Unknown argument "$1" on field "$3" of type "$2"',
  );
  return new GraphQLError(message, { nodes: error.nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

function recoded(error: GraphQLError, code: FailureCode): GraphQLError {
  return Object.assign(error, { extensions: { code } });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface RootField {
  name: string;
  key: string;
  asked: string[];
}

/** The root fields of an operation, those of fragments included, and what is asked below `business`. */
function rootFields(document: DocumentNode, operation: OperationDefinitionNode): RootField[] {
  return fieldsOf(document, operation.selectionSet).map(({ name, key, selectionSet }) => {
    const inside = name === 'business' && selectionSet ? fieldsOf(document, selectionSet) : [];
    const parts = inside
      .filter((field) => field.selectionSet)
      .map((field) => `${operation.operation} ${name}.${field.name}`);
    return { name, key, asked: parts.length > 0 ? parts : [`${operation.operation} ${name}`] };
  });
}

interface Field {
  name: string;
  key: string;
  selectionSet: SelectionSetNode | undefined;
}

function fieldsOf(document: DocumentNode, { selections }: SelectionSetNode): Field[] {
  return selections.flatMap((selection): Field[] => {
    switch (selection.kind) {
      case Kind.FIELD: {
        const name = selection.name.value;
        return [{ name, key: selection.alias?.value ?? name, selectionSet: selection.selectionSet }];
      }
      case Kind.INLINE_FRAGMENT:
        return fieldsOf(document, selection.selectionSet);
      case Kind.FRAGMENT_SPREAD: {
        const fragment = document.definitions.find(
          (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value,
        );
        return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fieldsOf(document, fragment.selectionSet) : [];
      }
    }
  });
}
